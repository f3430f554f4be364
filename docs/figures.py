"""The pages of docs/reference/ about the scorecard."""

from docs.from_schema import objects
from docs.markdown import code, page, table, words
from scorecard.catalogue import Entry
from scorecard.catalogue import catalogue as metrics
from scorecard.settings.file import ScorecardFile


def catalogue() -> str:
    """Every metric of the catalogue."""
    known = metrics()
    overview = [
        (f"[{metric}](#{_anchor(metric, entry)})", entry.title, entry.unit, entry.good, entry.owner, entry.review)
        for metric, entry in known.items()
    ]
    parts = [part for metric, entry in known.items() for part in _metric(metric, entry)]
    return page(
        "The metric catalogue",
        "What every metric of the scorecard is, exactly as it is computed, who answers for it, and what it is mistaken "
        "for. `accountpulse metrics` lists it with where each metric is now and its target; the values of single "
        "accounts that the health score is made of are in [metrics](metrics.md).",
        table(("id", "metric", "unit", "good is", "owner", "reviewed"), overview),
        *parts,
    )


def _metric(metric: str, entry: Entry) -> list[str]:
    figures = [
        (code(name), part.title, entry.unit_of(name), entry.good_of(name)) for name, part in entry.figures.items()
    ]
    lacking = [f"{code(name)}: {part.no_parts}" for name, part in entry.figures.items() if part.no_parts]
    return [
        f"## {metric} {entry.title}",
        entry.definition,
        f"Formula: {entry.formula}.",
        f"Source: {words(entry.streams) or 'the HTTP API'}. Owner: {entry.owner}, reviewed {entry.review}.",
        f"Traps: {entry.traps}",
        table(("figure", "what it is", "unit", "good is"), figures),
        *([f"Without numerator and denominator: {'; '.join(lacking)}."] if lacking else []),
    ]


def _anchor(metric: str, entry: Entry) -> str:
    """As GitHub makes it of a heading."""
    kept = "".join(one for one in f"{metric} {entry.title}".lower() if one.isalnum() or one in " -_")
    return kept.replace(" ", "-")


def scorecard() -> str:
    """The keys of a scorecard."""
    return page(
        "The scorecard file",
        "Decisions of the business: currency and rates, what activated and healthy mean, targets and benchmarks. "
        "`accountpulse scorecard check FILE` reads one, and names file, line, key, value and what is allowed for "
        "everything wrong in it. The JSON Schema for editors is `schemas/scorecard.schema.json`; how the figures are "
        "made is told in the [guide](../guide/scorecard.md), and what each one is in the [catalogue](catalogue.md). A "
        "duration is text with units: `90d`, `12h`, `1d12h`.",
        *objects(ScorecardFile.model_json_schema()),
    )
