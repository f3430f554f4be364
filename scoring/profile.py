"""The profile: which metrics there are, and how they make a score."""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from importlib import resources
from math import isfinite
from operator import or_
from typing import Any

from scoring.account import Account
from scoring.cells.newest import Newest
from scoring.days import DAY
from scoring.document import Document, DocumentError, read
from scoring.layout import DESCRIBED, EVERYTHING, Layout
from scoring.metrics.answers import Answers, Latest
from scoring.metrics.metric import Metric, Reading, Values, order_by_needs
from scoring.metrics.relative import Rank
from scoring.profile_checks import problems_of
from scoring.profile_file import Dimension, ProfileFile, Variant
from scoring.reference import Reference
from scoring.selector import Selector
from scoring.weighing import Weighing

Reader = Callable[..., Values]
"""(account, at, reference = None) -> values keyed `metrics.<name>`; what is missing is not in it."""


class Profile:
    """A checked profile with its layout: reads metrics off accounts and says how they are weighed."""

    def __init__(self, document: Document[ProfileFile]) -> None:
        """Raises DocumentError with every problem of the document."""
        self.file = file = document.model
        self.label = f"{file.name}@{file.version}"
        problems = problems_of(document)
        if problems:
            raise DocumentError(problems)
        self.layout = Layout()
        self.layout.signs_key = (tuple(sorted(file.signs_of_life.streams)), tuple(sorted(file.signs_of_life.events)))
        self.layout.signs = lambda stream, name: (stream, name) in file.signs_of_life
        self.layout.traits |= {m.trait for m in file.metrics.values() if isinstance(m, Latest) and m.trait}
        self.readings: dict[str, Reading] = {}
        self._cells: dict[str, int] = {}
        for name, metric in order_by_needs(file.metrics).items():
            self.layout.claimed = 0
            self.readings[name] = reading = metric.compile(self.layout)
            needed = [self._cells[need] for need in metric.needs]
            self._cells[name] = reduce(or_, needed, self.layout.claimed | reading.touched_by)
        self.reader = self.reader_of(self.readings)
        self._stage = self.layout.cell("newest", *_stage_cell(file.stage_events))
        self._variants = {name: _weighing(file, variant) for name, variant in file.variants.items()}
        self._base = _weighing(file, None)
        self._chosen: dict[tuple[str, str], Weighing] = {}
        self.rates = [(f"metrics.{name}", reading.rate) for name, reading in self.readings.items() if reading.rate]
        self.changes = [(name, reading.changes) for name, reading in self.readings.items() if reading.changes]

    def metric(self, name: str) -> Metric:
        """The declaration of a metric."""
        return self.file.metrics[name]

    def reader_of(self, names: Iterable[str]) -> Reader:
        """Reads the named metrics, and those that they need: (account, at in unix seconds) -> the values there are."""
        wanted = self._with_needs(names)
        reads = [(f"metrics.{n}", reading.read, reading.cell) for n, reading in self.readings.items() if n in wanted]

        def read(account: Account, at: float, reference: Reference | None = None) -> Values:
            values: Values = {} if reference is None else {"reference": reference}
            day, cells = int(at // DAY), account.cells
            for key, read_metric, cell in reads:
                if cell is not None and cells[cell] is None:
                    continue
                value = read_metric(account, at, day, values)
                if value is not None and isfinite(value):
                    values[key] = value
            return values

        return read

    def _with_needs(self, names: Iterable[str]) -> set[str]:
        found, waiting = set[str](), list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.file.metrics[name].needs
        return found

    @property
    def ranked(self) -> set[str]:
        """The metrics that are held against the account's segment."""
        return {metric.of for metric in self.file.metrics.values() if isinstance(metric, Rank)}

    @property
    def weighed(self) -> set[str]:
        """The metrics that count in any variant's score."""
        return {metric for weighing in (self._base, *self._variants.values()) for metric, _ in weighing.metrics}

    def stage(self, account: Account) -> str:
        """The journey stage: the newest stage event, else the trait `stage`, else empty."""
        answer = account.cells[self._stage] or account.traits.get("stage")
        return str(answer[2]).lower() if answer else ""

    def segment(self, account: Account) -> str:
        """The trait `segment`, else empty."""
        answer = account.traits.get("segment")
        return str(answer[2]) if answer else ""

    def weighing(self, stage: str, segment: str) -> Weighing:
        """How the metrics of an account of this stage and segment are weighed."""
        key = stage, segment
        chosen = self._chosen.get(key)
        if chosen is None:
            ranked = sorted(self.file.variants.items(), key=lambda item: item[1].when.precedence)
            name = next((n for n, variant in ranked if variant.when.applies(stage, segment)), None)
            chosen = self._base if name is None else self._variants[name]
            if len(self._chosen) < 10_000:  # traits are the sender's: remember a bounded number of combinations
                self._chosen[key] = chosen
        return chosen

    @property
    def placing(self) -> int:
        """Bits of what decides stage and segment (see layout)."""
        return self.layout.bit(self._stage) | DESCRIBED

    def cells_of(self, metric: str) -> int:
        """Bits of what a metric is made of (see layout)."""
        return self._cells[metric]

    def missing_cells(self, account: Account, key: str) -> int | None:
        """Bits of what must be touched before a missing metric (`metrics.<name>`) has a value; None if time may do."""
        if not key.startswith("metrics."):
            return None
        name = key[8:]
        reading, metric = self.readings[name], self.file.metrics[name]
        for need in metric.needs:
            if (bits := self.missing_cells(account, f"metrics.{need}")) is not None:
                return bits
        if metric.needs:
            return None
        if reading.cell is None:
            return None if reading.drifts != "none" or reading.touched_by == EVERYTHING else reading.touched_by
        return self.layout.bit(reading.cell) if account.cells[reading.cell] is None else None

    def missing(self, account: Account, metric: str) -> str:
        """Why a metric has no value: `no data` (no input ever came), `stale`, or `not defined` (yet) for it."""
        cell, declared = self.readings[metric].cell, self.file.metrics[metric]
        if cell is not None and account.cells[cell] is None:
            return "no data"
        if isinstance(declared, Answers):
            return "stale"
        known = isinstance(declared, Latest) and (cell is not None or account.trait(declared.trait or "") is not None)
        return "stale" if known else "not defined"


def _stage_cell(events: tuple[str, ...]) -> tuple[Any, ...]:
    return Selector(events=events), lambda: Newest("stage"), "stage"


def _weighing(file: ProfileFile, variant: Variant | None) -> Weighing:
    dimensions: Mapping[str, Dimension] = file.dimensions
    bands = file.bands
    if variant is not None:
        dimensions = {k: d for k, d in {**dimensions, **variant.dimensions}.items() if k not in variant.without}
        bands = variant.bands or bands
    return Weighing({name: (d.weight, d.metrics) for name, d in dimensions.items()}, bands, file.hysteresis)


def load_profile(text: str, *, file: str) -> Profile:
    """The profile of a YAML text. Raises DocumentError: every problem with its place, its value and what is allowed."""
    return Profile(read(text, file=file, model=ProfileFile))


def default_profile() -> Profile:
    """The profile that is shipped."""
    return load_profile(
        resources.files("scoring").joinpath("default_profile.yaml").read_text(), file="default_profile.yaml"
    )


def unlike(before: Profile, now: Profile) -> list[str]:
    """What of two profiles makes the records of the one unreadable under the other; empty when they have one layout."""
    if before.layout.signature == now.layout.signature:
        return []
    found = [] if before.layout.signs_key == now.layout.signs_key else ["signs_of_life"]
    if before.file.stage_events != now.file.stage_events:
        found.append("stage_events")
    for one, other, what in ((now, before, "is new"), (before, now, "is gone")):
        for name, metric in one.file.metrics.items():
            alone = Layout()
            metric.compile(alone)
            if not alone.keys <= other.layout.keys:
                found.append(f"metrics.{name} {'counts other things' if name in other.file.metrics else what}")
    return [*dict.fromkeys(found)] or ["the order of the metrics"]


def selectors(profile: Profile) -> list[Selector]:
    """Everything that the profile's metrics select, for checks against a vocabulary."""
    return [metric for metric in profile.file.metrics.values() if isinstance(metric, Selector)]
