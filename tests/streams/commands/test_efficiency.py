"""E1 to E3 on a history written by hand, through the command."""

import json
from pathlib import Path

from typer.testing import CliRunner

from streams.cli import app


def lines() -> list[str]:
    """One account won by customer-led growth, one otherwise, and what was spent on each; one was there before."""
    accounts = (
        ("old", "2025-06-01", "sales", 500),
        ("ours", "2026-04-05", "CLG", 1200),
        ("theirs", "2026-04-05", "sales", 2400),
    )
    told: list[dict[str, object]] = []
    for account, day, motion, arr in accounts:
        at, of = f"{day}T09:00:00Z", {"groupId": account}
        said = {"subscription_id": "s1", "product": "core", "arr": arr, "currency": "USD"}
        told += [
            {"type": "group", "messageId": f"{account}-1", "timestamp": at, "traits": {"motion": motion}, **of},
            {"type": "track", "event": "subscription_started", "messageId": f"{account}-2", "timestamp": at,
             "userId": "ann", "context": of, "properties": said},
        ]  # fmt: skip
    for motion, amount in (("CLG", 600), ("sales", 900)):
        told.append({
            "type": "track", "event": "spend_recorded", "messageId": motion, "timestamp": "2026-05-01T09:00:00Z",
            "userId": "ann", "context": {"groupId": "old"},
            "properties": {"motion": motion, "amount": amount, "currency": "USD"},
        })  # fmt: skip
    return [json.dumps(one) for one in told]


def told(tmp_path: Path, *options: str) -> str:
    history = tmp_path / "history.jsonl"
    history.write_text("\n".join(lines()), encoding="utf-8")
    command = ["scorecard", str(history), "--period", "2026-Q2", "--view", "operational", *options]
    found = CliRunner().invoke(app, command, catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


def test_e2_e3_customer_led_growth_is_known_however_its_motion_is_written(tmp_path: Path) -> None:
    """E2, E3: 600 for one account, 900 for the other; 600 of 1500."""
    found = {
        one["id"]: one["value"] for line in told(tmp_path, "--json").splitlines() if "id" in (one := json.loads(line))
    }
    assert (found["E2"], found["E2.clg"], found["E2.other"], found["E3.spend"]) == (750, 600, 900, 0.4)


def test_e1_a_report_says_where_the_horizon_counts_and_not_the_churn(tmp_path: Path) -> None:
    assert "LTV counts 5 years." in told(tmp_path)
