"""The score by its definition: scale, average, redistribute, publish, band."""

from collections.abc import Iterable, Mapping
from math import log
from typing import NamedTuple

from scoring.event import Event
from scoring.profile_file import Dimension, ProfileFile, Variant
from scoring.scale import Scale
from tests.oracle.case import DAY_S, Rows
from tests.oracle.history import History, moment, newest, number
from tests.oracle.metrics import measure


class Part(NamedTuple):
    """What one metric gives: scaled 0..100, its share of the score's weight 0..1."""

    metric: str
    dimension: str
    scaled: float
    weight: float


class Judgement(NamedTuple):
    """All that the oracle says of an account at an instant."""

    metrics: dict[str, float]
    value: float | None
    dimensions: dict[str, float]
    coverage: float
    confidence: float
    parts: list[Part]
    stage: str
    segment: str
    bands: Mapping[str, float]
    override: tuple[float | None, str | None] | None
    """(score, band) set by hand and not over."""


def judge(events: Iterable[Event], file: ProfileFile, *, at: float, rows: Rows = ()) -> Judgement:
    """What the events, handed over in this order, say of their account at the instant `at` (unix seconds)."""
    history = History(events)
    metrics = measure(history, file, at, rows)
    stage, segment = stage_of(history, file), text(history.trait("segment"))
    variant = variant_for(file, stage, segment)
    bands = bands_for(file, variant)
    dimensions, coverage, parts = weigh(metrics, dimensions_for(file, variant))
    value = sum(part.scaled * part.weight for part in parts) if parts else None
    age = (at - history.arrivals[0]) / DAY_S if history.arrivals else 0.0
    sure = coverage * min(1.0, age / 28)
    return Judgement(
        metrics=metrics,
        value=value,
        dimensions=dimensions,
        coverage=coverage,
        confidence=sure,
        parts=parts,
        stage=stage,
        segment=segment,
        bands=bands,
        override=override(history, bands, at),
    )


def text(said: tuple[float, float | str | bool] | None) -> str:
    return "" if said is None else str(said[1])


def stage_of(history: History, file: ProfileFile) -> str:
    """The newest stage event, else the trait."""
    return text(newest(history.select(events=file.stage_events), "stage") or history.trait("stage")).lower()


def variant_for(file: ProfileFile, stage: str, segment: str) -> Variant | None:
    """The variant that fits: by stage and segment before by segment before by stage."""
    for names_stage, names_segment in ((True, True), (False, True), (True, False)):
        for variant in file.variants.values():
            stages, segments = variant.when.stage, variant.when.segment
            if (bool(stages), bool(segments)) != (names_stage, names_segment):
                continue
            if (not stages or stage in stages) and (not segments or segment in segments):
                return variant
    return None


def dimensions_for(file: ProfileFile, variant: Variant | None) -> Mapping[str, Dimension]:
    """The profile's dimensions as the variant changes them."""
    if variant is None:
        return file.dimensions
    changed = {**file.dimensions, **variant.dimensions}
    return {name: dimension for name, dimension in changed.items() if name not in variant.without}


def bands_for(file: ProfileFile, variant: Variant | None) -> Mapping[str, float]:
    """The profile's bands, or the variant's where it has its own."""
    return variant.bands if variant is not None and variant.bands else file.bands


def scaled(scale: Scale, value: float) -> float:
    """0..100 by the straight line (or the line in log(1 + value)) through (zero_at, 0) and (full_at, 100)."""
    zero, full = scale.zero_at, scale.full_at
    if scale.curve == "log":
        zero, full, value = log(1 + zero), log(1 + full), log(1 + max(0.0, value))
    share = (value - zero) / (full - zero)
    return 100.0 * min(1.0, max(0.0, share))


def weigh(
    metrics: Mapping[str, float], dimensions: Mapping[str, Dimension]
) -> tuple[dict[str, float], float, list[Part]]:
    """(dimensions 0..100, coverage 0..1, parts). A missing metric's weight goes to its neighbours, by theirs."""
    known = {name: {m: s for m, s in d.metrics.items() if m in metrics} for name, d in dimensions.items()}
    present = sum(dimensions[name].weight for name, scales in known.items() if scales)
    means: dict[str, float] = {}
    parts: list[Part] = []
    backed = 0.0
    for name, scales in known.items():
        d = dimensions[name]
        weight = sum(scale.weight for scale in scales.values())
        backed += d.weight * weight / sum(scale.weight for scale in d.metrics.values())
        if not scales:
            continue
        means[name] = sum(scale.weight * scaled(scale, metrics[metric]) for metric, scale in scales.items()) / weight
        parts += [
            Part(metric, name, scaled(scale, metrics[metric]), scale.weight / weight * d.weight / present)
            for metric, scale in scales.items()
        ]
    return means, backed / sum(d.weight for d in dimensions.values()), parts


def override(history: History, bands: Mapping[str, float], at: float) -> tuple[float | None, str | None] | None:
    """What the newest override says, while its time runs and when it says anything."""
    said = history.override()
    if said is None:
        return None
    points, name = number(said.properties.get("score")), said.properties.get("band")
    named = name if isinstance(name, str) and name in bands else None
    until = moment(said.properties.get("until"))
    if until is None or at >= until or (points is None and named is None):
        return None
    return None if points is None else round(min(100.0, max(0.0, points)), 2), named


def band(score: float, before: str | None, bands: Mapping[str, float], hysteresis: float) -> str:
    """The highest band whose floor the score reaches; the band that the account is in reaches down further."""
    reached = [(floor, name) for name, floor in bands.items() if score >= floor - hysteresis * (name == before)]
    return max(reached)[1]
