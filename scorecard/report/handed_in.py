"""Reports of other teams, read from a file and held against the one formula (C7)."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scorecard.period import Period
from scorecard.reconcile import Reconciliation, Reported, reconcile
from scorecard.report.bench import Bench
from scorecard.report.source import Source
from scoring.document import BYTES_MAX, DocumentError, Problem

COLUMNS = ("source", "metric", "period", "value", "cohort")
"""Of a CSV file, and keys of JSON lines; cohort may be left out: `segment=smb`."""

NEEDED = COLUMNS[:-1]

REPORTS_MAX = 500
"""Figures handed in at once, by file or over HTTP: reports are written by people."""

PERIODS_MAX = 24
"""Different periods of the figures handed in at once, two years of months: each takes a look at all accounts, and at
those that the report may have meant instead."""


class TooManyPeriods(ValueError):
    """Of the figures handed in at once; the message says how many there may be."""


def check_periods(reports: Sequence[Reported]) -> None:
    """TooManyPeriods for figures of more than PERIODS_MAX different periods."""
    periods = {Period.parse(one.period)[:2] for one in reports}
    if len(periods) > PERIODS_MAX:
        raise TooManyPeriods(
            f"figures of {len(periods)} different periods, at most {PERIODS_MAX} at once: hand in the others apart"
        )


def read_reports(text: str, *, file: str) -> list[Reported]:
    """The figures of a CSV file with a head, or of JSON lines. DocumentError holds every problem with its line."""
    if len(text) > BYTES_MAX:
        raise DocumentError([Problem(file, 1, "", "", f"{len(text)} characters, over the limit of {BYTES_MAX}")])
    found, problems = list[Reported](), list[Problem]()
    for line, row in _rows(text, file):
        try:
            found.append(_reported(row))
        except ValueError as error:
            problems.append(Problem(file, line, "", "", str(error)))
    if len(found) > REPORTS_MAX:
        problems.append(Problem(file, 1, "", "", f"{len(found)} figures, at most {REPORTS_MAX} at once"))
    try:
        check_periods(found)
    except TooManyPeriods as error:
        problems.append(Problem(file, 1, "period", "", str(error)))
    if problems or not found:
        raise DocumentError(
            problems or [Problem(file, 1, "", "", f"no figures: a head and rows of {', '.join(COLUMNS)}")]
        )
    return found


def _rows(text: str, file: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if text.lstrip().startswith("{"):
        for line, raw in enumerate(text.splitlines(), 1):
            if raw.strip():
                yield line, _object(raw, file, line)
        return
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise DocumentError(
            [Problem(file, 1, "", "", f"the head lacks {', '.join(missing)}; needed: {', '.join(NEEDED)}")]
        )
    for row in reader:
        yield reader.line_num, row


def _object(raw: str, file: str, line: int) -> Mapping[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise DocumentError([Problem(file, line, "", "", f"not JSON: {error}")]) from None
    if not isinstance(found, dict):
        raise DocumentError([Problem(file, line, "", "", "must be an object, one a line")])
    return found


def _reported(row: Mapping[str, Any]) -> Reported:
    """ValueError, which names the field, for what can't be read."""
    unknown = [str(name) for name in row if name not in COLUMNS]
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}; allowed: {', '.join(COLUMNS)}")
    for name in NEEDED:
        if row.get(name) in (None, ""):
            raise ValueError(f"{name}: this is required")
    source, metric, period, value = (str(row[name]) for name in NEEDED)
    Period.parse(period)
    return Reported.read(source, metric, period, value, str(row.get("cohort") or ""))


def judged(source: Source, reports: Sequence[Reported]) -> Reconciliation:
    """Each figure beside ours, with the likeliest reason where it differs.

    Figures of a period are judged together: what the read model is asked hangs on the periods and the cohorts, and not
    on how many figures there are of them, and of one period at a time it is kept.
    """
    order = sorted(range(len(reports)), key=lambda place: Period.parse(reports[place].period)[:2])
    bench = Bench(source)
    found = reconcile((reports[place], bench.evidence(reports[place])) for place in order)
    as_handed_in = sorted(zip(order, found.findings, strict=True), key=lambda one: one[0])
    return found._replace(findings=tuple(finding for _, finding in as_handed_in))


def to_json(found: Reconciliation) -> list[dict[str, Any]]:
    """A row for each figure."""
    return [
        {
            "source": one.reported.source, "metric": one.reported.metric, "period": one.reported.period,
            "cohort": one.reported.cohort, "reported": one.reported.text,
            "ours": None if one.ours is None or one.ours.value is None else float(one.ours.value),
            "agrees": one.agrees, "difference": None if one.difference is None else float(one.difference),
            "causes": [{"id": cause.id, "explanation": cause.explanation} for cause in one.causes],
            "says": one.sentence,
        }
        for one in found.findings
    ]  # fmt: skip
