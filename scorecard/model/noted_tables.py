"""Tables of what is noted for those who read SQL: what was agreed, the lines of the scorecard, lift, attribution,
forecast. Written by those who make it (see noted.py), and read through the views alone.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Double, Integer, SmallInteger, Table, Text

from scorecard.model.tables import METADATA


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(name, METADATA, *columns, sqlite_with_rowid=False)


def _key(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _texts(*names: str) -> list[Column[Any]]:
    return [Column(name, Text) for name in names]


def _numbers(*names: str) -> list[Column[Any]]:
    return [Column(name, Double) for name in names]


def _counts(*names: str) -> list[Column[Any]]:
    return [Column(name, BigInteger) for name in names]


def _period() -> list[Column[Any]]:
    """`label` is its name; newest: arrival of the newest event in what is noted of it, unix seconds."""
    return [
        _key("first_day", Integer), _key("end_day", Integer), Column("label", Text, nullable=False),
        Column("newest", Double, nullable=False),
    ]  # fmt: skip


metrics = _table(
    "metrics", _key("figure"), Column("place", Integer, nullable=False),
    *_texts("metric", "title", "definition", "formula", "unit", "streams", "owner", "review", "good", "traps",
            "no_parts", "no_past"),
)  # fmt: skip
"""The catalogue, by figure."""

targets = _table(
    "targets", _key("number", Integer), Column("figure", Text, nullable=False),
    Column("cohort", Text, nullable=False),  # JSON: dimension and value; {}: everybody
    Column("period", Text), *_numbers("at_least", "at_most"),
)  # fmt: skip

shown = _table(
    "shown", *_period(), _key("dimensions"), _key("cohort"), _key("figure"), *_numbers("target"),
    Column("met", SmallInteger), *_numbers("before"), *_texts("trend", "no_trend", "benchmark_source"),
    *_numbers("benchmark"), Column("benchmark_met", SmallInteger), *_texts("ends", "best", "worst", "no_best"),
    *_numbers("best_value", "worst_value"),
)  # fmt: skip
"""Lines of the scorecard, beside their figures in `told`."""

attributions = _table(
    "attributions", *_period(), _key("model"), _key("programme"), Column("cents", BigInteger, nullable=False)
)

forecasts = _table(
    "forecasts", *_period(), Column("kind", Text, nullable=False),
    *_numbers("nrr", "low", "high", "level", "naive", "mean_error", "naive_mean_error", "within_interval"),
    *_texts("method", "reason"), *_counts("n"),
)  # fmt: skip

lifts = _table(
    "lifts", *_period(), _key("programme"),  # empty: any
    _key("outcome"), *_numbers("value", "low", "high", "level", "exposed_rate", "control_rate", "naive"),
    *_counts("exposed_n", "control_n"), *_texts("reason", "no_interval"),
)  # fmt: skip

strata = _table(
    "strata", *_period(), _key("stratum"),  # JSON: dimension and value
    *_numbers("weight"), *_texts("reason"), *_counts("exposed_n", "exposed_start", "control_n", "control_start"),
    *_numbers("exposed_nrr", "control_nrr"),
)  # fmt: skip

balances = _table(
    "balances", *_period(), _key("name"), *_numbers("exposed", "control", "before", "after"),
    Column("balanced", SmallInteger),
)  # fmt: skip

OF_PERIODS = (shown, attributions, forecasts, lifts, strata, balances)
"""What is noted of a period, and goes when it was not noted again for long."""
