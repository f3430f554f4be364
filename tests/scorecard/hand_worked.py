"""Reads hand_worked.md: tables into rows, and what was said into events."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from scorecard.period import Period
from scorecard.rates import Rates
from scoring.event import Event

PAGE = Path(__file__).with_name("hand_worked.md")

PERIOD = Period.parse("2026-Q2")

RATES = Rates(
    "EUR",
    {
        "USD": [(date(2025, 1, 1), Decimal("0.90")), (date(2026, 5, 1), Decimal("0.80"))],
        "GBP": [(date(2025, 1, 1), Decimal("1.15")), (date(2026, 4, 1), Decimal("1.20"))],
        "JPY": [(date(2025, 1, 1), Decimal("0.006"))],
    },
)

VERBS = {
    "start": "subscription_started", "renew": "subscription_renewed", "expand": "subscription_expanded",
    "contract": "subscription_contracted", "churn": "subscription_churned", "resume": "subscription_reactivated",
}  # fmt: skip

BARS = {
    "start": "start", "new": "new", "back": "reactivation", "upsell": "upsell", "cross": "cross_sell", "usage": "usage",
    "less": "contraction", "churn": "churn", "fx": "fx", "all": "total_end", "end": "end", "kept": "kept",
}  # fmt: skip
"""Column of the page: field of a Sheet."""


def table(heading: str) -> list[dict[str, str]]:
    """The rows of the first table under a heading, by the names of its columns."""
    lines = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


def cents(text: str) -> int:
    """Minor units of an amount of the page; an empty cell is nothing."""
    return int(Decimal(text or "0") * 100)


def events(row: dict[str, str]) -> list[Event]:
    """What was said, in the order of the page; the segment first."""
    said: list[Event] = []
    accounts = {row["account"], *(part[1:] for part in row["what was said"].split() if part.startswith("@"))}
    if row["segment"] != "-":
        said += [
            _event(name, "accounts", "group", "2025-01-01", f"{name}/0", segment=row["segment"])
            for name in sorted(accounts)
        ]
    first = len(said)
    for number, part in enumerate(row["what was said"].split("; "), start=1):
        words = part.split()
        account = words.pop(0)[1:] if words[0].startswith("@") else row["account"]
        if words[0] == "again":
            said.append(said[first + int(words[1]) - 1])
        elif words[1] == "group":
            traits = dict(word.split("=") for word in words[2:])
            said.append(_event(account, "accounts", "group", words[0], f"{account}/{number}", **traits))
        else:
            said.append(_revenue(account, number, words))
    return said


def _revenue(account: str, number: int, words: list[str]) -> Event:
    day, verb, subscription, *rest = words
    properties: dict[str, Any] = {"product": "core", "currency": "EUR"}
    if subscription != "-":
        properties["subscription_id"] = subscription
    arrived = day
    parts = iter(rest)
    for word in parts:
        if word in ("until", "from", "kind", "corrects", "arrived"):
            arrived = _qualified(properties, word, next(parts), account, arrived)
        elif word[0].isdigit() or word[0] == "-" or word == "lots":
            properties["arr"] = word if "." in word or word == "lots" else int(word)
        elif word.isupper():
            properties["currency"] = word
        else:
            properties["product"] = word
    return _event(account, "revenue", VERBS[verb], day, f"{account}/{number}", arrived=arrived, **properties)


def _qualified(properties: dict[str, Any], word: str, value: str, account: str, arrived: str) -> str:
    if word == "arrived":
        return value
    key = {"until": "renews_at", "from": "effective_at", "kind": "kind", "corrects": "corrects"}[word]
    properties[key] = f"{account}/{value}" if word == "corrects" else value
    return arrived


def _event(account: str, stream: str, name: str, day: str, message_id: str, *, arrived: str = "", **said: Any) -> Event:
    return Event(account, stream, name, _at(day), _at(arrived or day), message_id, None, said)


def _at(day: str) -> float:
    return datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC).timestamp()


def in_order(rows: list[dict[str, str]]) -> Iterator[Event]:
    """All that was said of all accounts, in the order in which it arrived."""
    yield from sorted((event for row in rows for event in events(row)), key=lambda event: event.arrived)
