"""The measurement of customer-led growth as the rows of one table: a `kind` says what each is."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]

NAMED = ("period", "known_to", "currency")
"""What every row says."""

STUDY = ("matched_on", "dropped", "weights", "seed", "resamples", "exposed_revenue_compared", "caveats")


def sheet_of(measured: Mapping[str, Any]) -> Iterator[Json]:
    """From `measured` and `of_cohorts` (scorecard/report/clg_json.py): how it was done, both arms, each outcome, each
    stratum, each row of the balance, the placebo, each programme's outcomes, and each cohort's figures.
    """
    named = {name: measured[name] for name in NAMED}
    for kind, name, row in _rows(measured):
        yield {"kind": kind, **named, "name": name, **row}


def _rows(measured: Mapping[str, Any]) -> Iterator[tuple[str, str, Json]]:
    """Kind, name, and what is told of it."""
    yield "study", "", {name: measured[name] for name in STUDY}
    for arm in ("exposed", "others"):
        yield "arm", arm, measured[arm]
    for outcome, lift in measured["lifts"].items():
        yield "outcome", outcome, {"outcome": outcome, **lift}
    for name in ("compared", "left_out"):
        for stratum in measured[name]:
            yield f"stratum_{name}", ", ".join(stratum["stratum"].values()), stratum
    for row in measured["balance"]:
        yield "balance", row["name"], {part: row[part] for part in row if part != "name"}
    yield "placebo", "", measured["placebo"]
    for programme, told in measured["programmes"].items():
        arms = {f"{arm}.accounts": told[arm] for arm in ("exposed", "others")}
        for outcome, lift in told.items():
            if isinstance(lift, Mapping):
                yield "programme", programme, {"outcome": outcome, **arms, **lift}
    for cohort in measured["cohorts"]:
        for figure in cohort["figures"]:
            yield "cohort", ", ".join(cohort["cohort"].values()), {"cohort": cohort["cohort"], **figure}
