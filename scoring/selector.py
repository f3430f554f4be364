"""Which events a metric is about."""

from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scoring.event import Event

Stream = Literal["usage", "cs", "advocacy", "revenue", "accounts"]

Scalar = str | float | bool


class Selector(BaseModel):
    """All events of a stream, or those with one of the names; of these only those with the properties of `where`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stream: Stream | None = Field(None, description="All events of this stream.")
    events: tuple[str, ...] = Field((), description="Events by the name that the vocabulary gives them.")
    where: dict[str, Scalar | tuple[Scalar, ...]] = Field(
        {}, description="Property values that the event must have; a list means any of them."
    )

    @model_validator(mode="after")
    def _selects(self) -> "Selector":
        if self.stream is None and not self.events:
            raise ValueError("names neither `stream` nor `events`: give at least one of them")
        return self

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for selectors that select the same events, so that metrics share cells."""
        return self.stream, tuple(sorted(self.events)), tuple(sorted((k, repr(v)) for k, v in self.where.items()))

    def by_name(self, stream: str, name: str) -> bool:
        """Whether events of this stream and name are selected, `where` apart."""
        return (self.stream is None or self.stream == stream) and (not self.events or name in self.events)

    def by_properties(self) -> Callable[[Event], bool] | None:
        """A check of `where`, or None when every event passes."""
        if not self.where:
            return None
        wanted = [
            (name, {_exact(v) for v in (value if isinstance(value, tuple) else (value,))})
            for name, value in self.where.items()
        ]

        def matches(event: Event) -> bool:
            return all(_exact(event.properties.get(name)) in values for name, values in wanted)

        return matches


def _exact(value: object) -> tuple[bool, object]:
    """Equal for what JSON calls the same: true is not 1, though Python thinks so; lists and objects equal nothing."""
    return isinstance(value, bool), value if isinstance(value, str | float | int) else None
