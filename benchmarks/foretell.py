"""Does the score foretell silence, and are the plays few? One command over a real history.

    python -m benchmarks.foretell HISTORY.jsonl.gz

At every month's end, over the accounts with at least ACTIVE_MIN acts in the last 90 days: does a low score mark
those from which nothing will arrive for 180 days? An act is what one message id's stem (up to its first "-") names,
dated by its first arrival. Prints three figures with n and a 95 % bootstrap interval over accounts (accounts, not
account-months, are independent):

1. AUC: the probability that a falling-silent account-month has a lower score than a staying one, beside recency alone;
2. triggers per account and year, from an account's first arrival to 180 days after its last one (or the end of the
history); 3. the share of falling-silent account-months that a trigger of the account preceded within 120 days.
"""

import gzip
import json
import random
import sys
from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from scoring.days import DAY, instant
from streams.configuration import load
from streams.history import replay_files
from streams.replay import Listener, Replay, next_period

ACTIVE_MIN = 3
ACTIVE_DAYS, SILENT_DAYS, AHEAD_DAYS = 90, 180, 120
RESAMPLES = 400


class Month(NamedTuple):
    """One account at one month's end."""

    account: str
    at: float
    silent: bool
    score: float
    recency: float
    warned: bool


def auc(rows: list[Month], low: str) -> float:
    """P(a silent row's figure is lower than a staying one's), ties half."""
    staying = sorted(getattr(row, low) for row in rows if not row.silent)
    silent = [getattr(row, low) for row in rows if row.silent]
    if not silent or not staying:
        return float("nan")
    wins = sum(len(staying) - (bisect_left(staying, x) + bisect_right(staying, x)) / 2 for x in silent)
    return wins / (len(silent) * len(staying))


def acts_of(path: Path) -> dict[str, list[float]]:
    """Arrivals of each account's acts, ascending."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            message = json.loads(line)
            arrived = instant(message["receivedAt"])
            assert arrived is not None
            found[message["context"]["groupId"]].setdefault(message["messageId"].split("-")[0], arrived)
    return {account: sorted(acts.values()) for account, acts in found.items()}


def run(path: Path) -> tuple[dict[tuple[str, float], float | None], dict[str, list[float]]]:
    """Replay with everything as shipped: (account, month) -> score, and each account's trigger times."""
    scores: dict[tuple[str, float], float | None] = {}
    triggers: dict[str, list[float]] = defaultdict(list)
    configuration = load()

    def on_scores(at: float, found: object) -> None:
        for score in found:  # type: ignore[attr-defined]
            scores[score.account_id, at] = score.score

    def on_trigger(trigger: dict[str, object]) -> None:
        at = instant(trigger["time"])
        assert at is not None
        triggers[str(trigger["subject"])].append(at)

    replay = Replay(configuration.engine(publishing=False), Listener(on_trigger, on_scores), every="month")
    replay_files(replay, [str(path)], configuration.vocabulary)
    return scores, triggers


def months(
    acts: dict[str, list[float]], scores: dict[tuple[str, float], float | None], triggers: dict[str, list[float]]
) -> tuple[list[Month], int]:
    """The rows that are judged, and how many of them have no score."""
    first, end = min(a[0] for a in acts.values()), max(a[-1] for a in acts.values())
    at, rows, missing = _next_year(first), list[Month](), 0
    while at + SILENT_DAYS * DAY <= end:
        for account, times in acts.items():
            known = bisect_left(times, at)
            if known - bisect_left(times, at - ACTIVE_DAYS * DAY) < ACTIVE_MIN:
                continue
            score = scores.get((account, at))
            if score is None:
                missing += 1
                continue
            silent = bisect_left(times, at + SILENT_DAYS * DAY) == known
            warned = any(at - AHEAD_DAYS * DAY <= time <= at for time in triggers.get(account, ()))
            rows.append(Month(account, at, silent, score, times[known - 1] - at, warned))
        at = next_period(at, "month")
    return rows, missing


def _next_year(at: float) -> float:
    """The first instant of the year after `at`: before, most accounts have no past."""
    return datetime(datetime.fromtimestamp(at, UTC).year + 1, 1, 1, tzinfo=UTC).timestamp()


def figures(
    accounts: list[str], rows: dict[str, list[Month]], years: dict[str, float], fired: dict[str, int]
) -> dict[str, float]:
    """The figures of these accounts, with repetition."""
    of = [row for account in accounts for row in rows.get(account, ())]
    silent = [row for row in of if row.silent]
    return {
        "auc": auc(of, "score"),
        "auc_recency": auc(of, "recency"),
        "triggers_per_account_year": sum(fired.get(a, 0) for a in accounts) / sum(years[a] for a in accounts),
        "silent_preceded_share": sum(row.warned for row in silent) / len(silent) if silent else float("nan"),
    }


def main() -> None:
    path = Path(sys.argv[1])
    acts = acts_of(path)
    scores, triggers = run(path)
    rows, missing = months(acts, scores, triggers)
    by_account: dict[str, list[Month]] = defaultdict(list)
    for row in rows:
        by_account[row.account].append(row)
    end = max(times[-1] for times in acts.values())
    years = {a: (min(end, times[-1] + SILENT_DAYS * DAY) - times[0]) / DAY / 365.25 for a, times in acts.items()}
    fired = {account: len(times) for account, times in triggers.items()}
    point = figures(list(acts), by_account, years, fired)
    draw = random.Random(1)
    drawn = [figures(draw.choices(list(acts), k=len(acts)), by_account, years, fired) for _ in range(RESAMPLES)]
    silent = sum(row.silent for row in rows)
    print(json.dumps({"accounts": len(acts), "account_months": len(rows), "silent": silent, "missing": missing}))
    for name, value in point.items():
        ordered = sorted(found[name] for found in drawn if found[name] == found[name])
        low, high = ordered[int(0.025 * len(ordered))], ordered[int(0.975 * len(ordered))]
        print(json.dumps({"figure": name, "value": round(value, 3), "interval_95": [round(low, 3), round(high, 3)]}))


if __name__ == "__main__":
    main()
