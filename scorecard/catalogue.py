"""The catalogue: what every metric is, who answers for it, and what it is mistaken for."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scoring.document import read
from scoring.metrics.metric import Owner, Review
from scoring.selector import Stream

T = TypeVar("T")

Good = Literal["up", "down", "neither"]


class Part(BaseModel):
    """One figure of a metric; unit and direction are the metric's where nothing is said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    unit: str = ""
    good: Good | None = None
    money: tuple[Literal["numerator", "denominator"], ...] = ()
    """What of it is an amount; of a figure that is money itself, the numerator is."""
    no_parts: str = ""
    """Why it has neither numerator nor denominator, where it is nothing that is divided or counted."""


class Entry(BaseModel):
    """A metric of the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    definition: str
    formula: str
    unit: str
    streams: tuple[Stream, ...]
    owner: Owner
    review: Review
    good: Good
    traps: str
    figures: dict[str, Part] = Field(min_length=1)

    def unit_of(self, figure: str) -> str:
        """The unit of one of its figures."""
        return self.figures[figure].unit or self.unit

    def good_of(self, figure: str) -> Good:
        """Which direction of one of its figures is good."""
        return self.figures[figure].good or self.good


class _CatalogueFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    metrics: dict[str, Entry]

    @model_validator(mode="after")
    def _named(self) -> "_CatalogueFile":
        for name, entry in self.metrics.items():
            if next(iter(entry.figures)) != name or any(metric_of(one) != name for one in entry.figures):
                raise ValueError(f"{name}: its first figure is {name}, the others are {name}.<part>")
        return self


def metric_of(figure: str) -> str:
    """The metric that a figure belongs to.

    >>> metric_of("A1.p75")
    'A1'
    """
    return figure.partition(".")[0]


@cache
def catalogue() -> Mapping[str, Entry]:
    """Every metric by its id, in the catalogue's order."""
    text = resources.files("scorecard").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    return read(text, file="catalogue.yaml", model=_CatalogueFile).model.metrics


def entry_of(figure: str) -> Entry:
    """What is said of the metric that a figure belongs to; KeyError for a figure that no metric has."""
    entry = catalogue()[metric_of(figure)]
    if figure not in entry.figures:
        raise KeyError(figure)
    return entry


@cache
def places() -> Mapping[str, int]:
    """Where each figure stands in the catalogue."""
    return {figure: place for place, figure in enumerate(figures())}


def in_order(found: Mapping[str, T]) -> dict[str, T]:
    """What is known by figure, in the catalogue's order."""
    return {figure: found[figure] for figure in sorted(found, key=places().__getitem__)}


def figures() -> Iterator[str]:
    """The ids of all figures, in the catalogue's order."""
    for entry in catalogue().values():
        yield from entry.figures
