"""scorecard.yaml: every mistake is told with its line, key, value and what is allowed."""

import json
import re
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from scorecard.settings.file import ScorecardFile, default_scorecard, load_scorecard, shipped_text
from scoring.document import DocumentError

MISTAKES = [
    ("currency: usd", 2, "currency", "String should match pattern '^[A-Z]{3}$'"),
    ("rates: {EUR: {2025-01-01: -1}}", 2, "rates.EUR.2025-01-01", "greater than 0"),
    ("rates: {EUR: {}}", 2, "rates.EUR", "at least 1 item"),
    ("rates: {EUR: {someday: 1}}", 2, "rates.EUR.someday", "valid date"),
    ("rates: {EUR: {2025-01-01: '1.123456789012345678901'}}", 2, "rates.EUR.2025-01-01", "no more than 20 digits"),
    ("rates: {USD: {2025-01-01: 2}}", 2, "rates.USD", "USD is the reporting currency: its rate is always 1"),
    ("unit: parents", 2, "unit", "unknown word (did you mean 'parent'?)"),
    ("exposure: {window: 90}", 2, "exposure.window", "a duration needs a unit"),
    ("exposure: {window: 36h}", 2, "exposure.window", "must be whole days from 1d to 365d"),
    ("economics: {gross_margin: 80}", 2, "economics.gross_margin", "less than or equal to 1"),
    ("activation: {all_of: []}", 2, "activation.all_of", "at least 1 item"),
    ("targets:\n  - {metric: R9, at_least: 1}", 3, "targets.0.metric", "no such figure (did you mean 'R4'?)"),
    ("targets:\n  - {metric: R3}", 3, "targets.0", "give one of `at_least` and `at_most`"),
    ("targets:\n  - {metric: R3, at_least: 1, at_most: 2}", 3, "targets.0", "give one of `at_least` and `at_most`"),
    ("targets:\n  - {metric: R3, at_least: 1, period: 2026-Q9}", 3, "targets.0.period", "write one of 2026, 2026-Q3"),
    ("benchmarks:\n  - {metric: R3, value: 1}", 3, "benchmarks.0.source", "this key is required"),
    (
        "benchmarks:\n  - {metric: R3, value: 1, source: x, acv: {at_least: 5, below: 5}}",
        3,
        "benchmarks.0.acv",
        "`below`",
    ),
    ("executive: {retention: [R3]}", 2, "executive.retention", "at least 2 items"),
    ("executive: {adoption: [A7]}", 2, "executive.adoption.0", "no such figure"),
    ("journey: {stages: {adopt: {metrics: [A1, A2, A3, A4, A5, A6]}}}", 2, "journey.stages.adopt.metrics", "at most 5"),
    ("journey: {stages: {adopt: {metrics: [Z1]}}}", 2, "journey.stages.adopt.metrics.0", "no such figure"),
    ("target: []", 2, "target", "unknown key (did you mean 'targets'?)"),
]


@pytest.mark.parametrize(("text", "line", "key", "message"), MISTAKES)
def test_a_mistake_is_told_with_line_key_and_what_is_allowed(text: str, line: int, key: str, message: str) -> None:
    with pytest.raises(DocumentError) as error:
        load_scorecard(f'version: "1"\n{text}\n', file="scorecard.yaml")
    (problem,) = error.value.problems
    assert (problem.file, problem.line, problem.key) == ("scorecard.yaml", line, key)
    assert message in problem.message


def test_all_problems_are_told_at_once_in_the_order_of_the_lines() -> None:
    text = 'version: "1"\nexecutive: {adoption: [A7]}\ntargets:\n  - {metric: R9, at_least: 1}\n'
    with pytest.raises(DocumentError) as error:
        load_scorecard(text, file="scorecard.yaml")
    assert [problem.line for problem in error.value.problems] == [2, 4]


def test_numbers_are_exact_as_they_are_written() -> None:
    """A rate of 1.1 is eleven tenths, not the float nearest to it: 10,000,000,000.00 EUR are 11,000,000,000.00 USD."""
    found = load_scorecard('version: "1"\nrates: {EUR: {2025-01-01: 1.1}}', file="")
    assert found.exchange.convert(10**12, "EUR", date(2026, 1, 1)) == 11 * 10**11


def test_the_shipped_scorecard_says_what_holds_without_one() -> None:
    shipped, bare = default_scorecard(), load_scorecard('version: "1"', file="")
    differ = {name for name in ScorecardFile.model_fields if getattr(shipped, name) != getattr(bare, name)}
    assert differ == {"targets", "business", "success_plans"}


def test_the_shipped_scorecard_fits_its_json_schema() -> None:
    schema = json.loads(Path("schemas/scorecard.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    plain = YAML(typ="safe", pure=True).load(shipped_text())
    jsonschema.validate(json.loads(json.dumps(plain, default=str)), schema)


def test_what_is_commented_out_in_the_shipped_scorecard_is_right() -> None:
    """Without the `# ` before them, the examples are part of a scorecard that can be used."""
    written = re.sub(r"^# (?=  |rates:|products:|dimensions:|benchmarks:)", "", shipped_text(), flags=re.MULTILINE)
    found = load_scorecard(written, file="scorecard.yaml")
    assert found.exchange.knows("EUR")
    assert [len(found.dimensions), len(found.products), len(found.targets), len(found.benchmarks)] == [2, 2, 5, 1]
