"""`scorecard.yaml` as it is written, and what its keys can't say by themselves."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from importlib import resources
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from scorecard.catalogue import figures
from scorecard.period import Period
from scorecard.rates import Rates
from scorecard.settings.facets import FacetSettings
from scorecard.settings.money import Currency, Economics, Exposure, Rate
from scorecard.settings.targets import BENCHMARKS_MAX, TARGETS_MAX, Benchmark, Business, Executive, Target
from scoring.document import SCHEMA_DIALECT, Document, DocumentError, Problem, read

DIMENSIONS_MAX = 20
"""Dimensions of cohorts. Figures are kept for each, so every one costs."""

PRODUCTS_MAX = 200

TraitName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]


class ScorecardFile(FacetSettings):
    """Decisions of the business about its scorecard."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", title="accountpulse scorecard", json_schema_extra={"$schema": SCHEMA_DIALECT}
    )

    version: str = Field(description="Changes whenever the file does.", min_length=1, max_length=64)
    currency: Currency = Field("USD", description="Reporting currency (ISO 4217): every amount is shown in it.")
    rates: dict[Currency, Annotated[dict[date, Rate], Field(min_length=1)]] = Field(
        {}, description="What one unit of a currency is worth in the reporting one, by the day from which it holds."
    )
    unit: Literal["account", "parent"] = Field(
        "account", description="Whose revenue is one: an account's (merged ones together), or a whole family's."
    )
    products: tuple[Annotated[str, StringConstraints(min_length=1, max_length=256)], ...] = Field(
        (), description="Products that there are to buy, for X2; empty: always another.", max_length=PRODUCTS_MAX
    )
    dimensions: tuple[TraitName, ...] = Field(
        (), description="Traits that cohorts are made of, beside the usual dimensions.", max_length=DIMENSIONS_MAX
    )
    exposure: Exposure = Field(default_factory=Exposure, description="What customer-led growth touched (C1).")
    economics: Economics = Field(default_factory=Economics, description="For LTV and CAC (E1, E2).")
    business: Business = Field(default_factory=Business, description="Which benchmarks are ours (G2).")
    executive: Executive = Field(default_factory=Executive, description="The figures of the executive view (S1).")
    targets: tuple[Target, ...] = Field((), description="Agreed values (G1).", max_length=TARGETS_MAX)
    benchmarks: tuple[Benchmark, ...] = Field((), description="Outside figures (G2).", max_length=BENCHMARKS_MAX)

    @property
    def exchange(self) -> Rates:
        """The rates as conversions take them."""
        return Rates(self.currency, {currency: [*steps.items()] for currency, steps in self.rates.items()})


def load_scorecard(text: str, *, file: str) -> ScorecardFile:
    """The scorecard of a YAML text. Raises DocumentError: every problem with its place, value and what is allowed."""
    document = read(text, file=file, model=ScorecardFile)
    problems = [*_of_rates(document), *_of_figures(document), *_of_periods(document)]
    if problems:
        raise DocumentError(problems)
    return document.model


def shipped_text() -> str:
    """The commented scorecard that is shipped."""
    return resources.files("scorecard").joinpath("default_scorecard.yaml").read_text(encoding="utf-8")


def default_scorecard() -> ScorecardFile:
    """The scorecard that is shipped."""
    return load_scorecard(shipped_text(), file="default_scorecard.yaml")


def _of_rates(document: Document[ScorecardFile]) -> Iterator[Problem]:
    currency = document.model.currency
    if document.model.rates.get(currency, {}) and {*document.model.rates[currency].values()} != {Decimal(1)}:
        yield document.problem(("rates", currency), f"{currency} is the reporting currency: its rate is always 1")


def _of_figures(document: Document[ScorecardFile]) -> Iterator[Problem]:
    """Figures that no metric has."""
    file, known = document.model, [*figures()]
    named: list[tuple[Sequence[str | int], str]] = []
    named += [(("targets", i, "metric"), target.metric) for i, target in enumerate(file.targets)]
    named += [(("benchmarks", i, "metric"), one.metric) for i, one in enumerate(file.benchmarks)]
    for group in ("adoption", "retention", "advocacy"):
        named += [(("executive", group, i), one) for i, one in enumerate(getattr(file.executive, group))]
    for stage, agreed in file.journey.stages.items():
        named += [(("journey", "stages", stage, "metrics", i), one) for i, one in enumerate(agreed.metrics)]
    for path, figure in named:
        if figure not in known:
            near = get_close_matches(figure, known, n=1, cutoff=0.5)
            hint = f" (did you mean '{near[0]}'?)" if near else ""
            yield document.problem(path, f"no such figure{hint}; `accountpulse metrics` lists them")


def _of_periods(document: Document[ScorecardFile]) -> Iterator[Problem]:
    for index, target in enumerate(document.model.targets):
        try:
            if target.period is not None:
                Period.parse(target.period)
        except ValueError as error:
            yield document.problem(("targets", index, "period"), str(error))
