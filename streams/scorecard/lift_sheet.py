"""The measurement of customer-led growth as the rows of one table: a `kind` says what each is."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]

NAMED = ("period", "known_to", "currency")
"""What every row says."""

STUDY = ("matched_on", "dropped", "unknown", "weights", "seed", "resamples")

JUDGED = ("accounts", "effective", "crossed", "exposed_revenue_compared", "caveats")
"""What stands beside every lift, apart from balance and placebo."""


def sheet_of(measured: Mapping[str, Any]) -> Iterator[Json]:
    """From `measured` and `of_cohorts` (scorecard/report/clg_json.py): how it was done, both arms, each outcome, each
    stratum, each row of the balance, the placebo, each programme's outcomes, and each cohort's figures.
    """
    named = {name: measured[name] for name in NAMED}
    for kind, name, row in _rows(measured):
        yield {"kind": kind, **named, "name": name, **row}


def _rows(measured: Mapping[str, Any]) -> Iterator[tuple[str, str, Json]]:
    """Kind, name, and what is told of it."""
    yield "study", "", {name: measured[name] for name in (*STUDY, *JUDGED)}
    for arm in ("exposed", "others"):
        yield "arm", arm, measured[arm]
    yield from _compared("", "", measured)
    for name in ("compared", "left_out"):
        for stratum in measured[name]:
            yield f"stratum_{name}", ", ".join(stratum["stratum"].values()), stratum
    for programme, told in measured["programmes"].items():
        yield "programme", programme, {name: told[name] for name in (*JUDGED, "left_out")}
        yield from _compared("programme_", programme, told)
    for cohort in measured["cohorts"]:
        name, of = ", ".join(cohort["cohort"].values()), {"cohort": cohort["cohort"]}
        yield "cohort", name, {**of, **{key: cohort[key] for key in (*JUDGED, "left_out")}}
        for figure in cohort["figures"]:
            yield "cohort_figure", name, {**of, **figure}
        yield from _compared("cohort_", name, cohort)


def _compared(part: str, of: str, told: Mapping[str, Any]) -> Iterator[tuple[str, str, Json]]:
    """Outcomes, balance and placebo of everybody, of a programme or of a cohort."""
    for outcome, lift in told["lifts"].items():
        yield f"{part}outcome", of or outcome, {"outcome": outcome, **lift}
    for row in told["balance"]:
        yield (
            f"{part}balance",
            of or row["name"],
            {"property": row["name"], **{key: row[key] for key in row if key != "name"}},
        )
    yield f"{part}placebo", of, told["placebo"]
