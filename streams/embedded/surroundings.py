"""What the embedded service needs of the world around it, and whom it tells."""

import time
from collections.abc import Callable
from typing import NamedTuple

from streams.embedded.telemetry import Telemetry


def _nobody() -> None:
    """The default listener."""


class Surroundings(NamedTuple):
    """The clock, the Prometheus metrics, and the listeners, which are called on the writer's thread."""

    telemetry: Telemetry
    clock: Callable[[], float] = time.time
    """Unix seconds."""

    on_triggers: Callable[[], None] = _nobody
    """Triggers became visible."""

    on_failure: Callable[[], None] = _nobody
    """The writer gave up; nothing more is taken in."""
