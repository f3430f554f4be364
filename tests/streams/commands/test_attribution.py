"""`accountpulse attribution` on a history written by hand: what is shared out is the expansion of the scorecard."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from streams.cli import app

SCORECARD = """
version: "1"
currency: EUR
rates:
  USD: {2025-01-01: 0.90, 2026-05-01: 0.80}
exposure: {window: 90d, programmes: [academy]}
"""


def message(number: int, account: str, day: str, name: str, **said: Any) -> str:
    body: dict[str, Any] = {
        "messageId": f"m-{number}",
        "timestamp": f"{day}T09:00:00Z",
        "context": {"groupId": account},
    }
    if name == "group":
        return json.dumps({**body, "type": "group", "groupId": account, "traits": said})
    return json.dumps({**body, "type": "track", "event": name, "userId": "ann", "properties": said})


STARTED, EXPANDED, CHURNED = "subscription_started", "subscription_expanded", "subscription_churned"
HISTORY: list[tuple[str, str, str, dict[str, Any]]] = [
    # Two accounts that became one: what touched the one counts for what the other bought. 650 of a product it had.
    ("old", "2025-05-01", STARTED, {"subscription_id": "s1", "product": "core", "arr": 500, "currency": "EUR"}),
    ("old", "2026-04-20", "touchpoint", {"kind": "academy"}),
    ("old", "2026-05-12", CHURNED, {"subscription_id": "s1"}),
    ("old", "2026-05-12", "group", {"merged_into": "new"}),
    ("new", "2025-05-01", STARTED, {"subscription_id": "s1", "product": "core", "arr": 700, "currency": "EUR"}),
    ("new", "2026-05-20", STARTED, {"subscription_id": "s2", "product": "core", "arr": 650, "currency": "EUR"}),
    # One that was bought by another customer: its first revenue is a cross-sell of 300 of the whole.
    ("bought", "2026-05-01", STARTED, {"subscription_id": "s1", "product": "plan", "arr": 300, "currency": "EUR"}),
    ("bought", "2026-06-01", "group", {"merged_into": "buyer"}),
    ("buyer", "2025-05-01", STARTED, {"subscription_id": "s1", "product": "core", "arr": 900, "currency": "EUR"}),
    # 500 dollars more, after the dollar fell: 450 at the rate of the period's start, as X1 has it. A webinar does not
    # count here, since the scorecard names the academy alone.
    ("us", "2025-05-01", STARTED, {"subscription_id": "s1", "product": "core", "arr": 1000, "currency": "USD"}),
    ("us", "2026-05-20", "touchpoint", {"kind": "event"}),
    ("us", "2026-06-01", EXPANDED, {"subscription_id": "s1", "product": "core", "arr": 1500, "currency": "USD"}),
]  # fmt: skip


def rows(tmp_path: Path, *command: str) -> list[dict[str, Any]]:
    history, scorecard = tmp_path / "history.jsonl", tmp_path / "scorecard.yaml"
    lines = [message(place, account, day, name, **said) for place, (account, day, name, said) in enumerate(HISTORY)]
    history.write_text("\n".join(lines), encoding="utf-8")
    scorecard.write_text(SCORECARD, encoding="utf-8")
    given = [*command, str(history), "--scorecard", str(scorecard), "--period", "2026-Q2", "--json"]
    told = CliRunner().invoke(app, given, catch_exceptions=False)
    assert told.exit_code == 0, told.output
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_c6_what_is_shared_out_is_x1_of_merged_accounts_and_at_the_rates_of_the_start(tmp_path: Path) -> None:
    """C6, X1: 650 + 300 + 450 = 1400."""
    bars = rows(tmp_path, "nrr")[0]["waterfall"]
    assert bars["upsell"] + bars["cross_sell"] + bars["usage"] == 1400
    for one in rows(tmp_path, "attribution"):
        assert one["total"] == 1400, one
        assert sum(one["programmes"].values()) == 1400


def test_c1_c6_only_programmes_that_count_are_credited_and_those_of_a_merged_account_are(tmp_path: Path) -> None:
    """C1, C6: movements are contraction (-500, touched), 650 (touched), 300 and 450: two of four."""
    linear = next(one for one in rows(tmp_path, "attribution") if one["model"] == "linear")
    assert linear["programmes"] == {"academy": 650, "(no touchpoint)": 750}
    told = rows(tmp_path, "scorecard", "--view", "operational")
    c1 = next(one for one in told if one.get("id") == "C1")
    assert (c1["numerator"], c1["denominator"]) == (2, 4)
