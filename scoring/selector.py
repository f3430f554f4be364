"""Which events a metric is about."""

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scoring.event import Event

STREAMS = ("usage", "cs", "advocacy", "revenue", "accounts")

Scalar = str | float | bool


class Selector(BaseModel):
    """All events of a stream, or those with one of the names; of these only those with the properties of `where`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stream: str | None = Field(
        None, description="All events of this stream.", json_schema_extra={"enum": list(STREAMS)}
    )
    events: tuple[str, ...] = Field((), description="Events by the name that the vocabulary gives them.")
    where: dict[str, Scalar | tuple[Scalar, ...]] = Field(
        {}, description="Property values that the event must have; a list means any of them."
    )

    @model_validator(mode="after")
    def _selects(self) -> "Selector":
        if self.stream is not None and self.stream not in STREAMS:
            raise ValueError(f"stream {self.stream!r} is unknown; allowed: {', '.join(STREAMS)}")
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
        wanted = [(name, set(value) if isinstance(value, tuple) else {value}) for name, value in self.where.items()]

        def matches(event: Event) -> bool:
            for name, values in wanted:
                found = event.properties.get(name)
                if isinstance(found, list | dict) or found not in values:
                    return False
            return True

        return matches
