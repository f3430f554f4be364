"""The service on Kafka as it is run: `accountpulse serve --kafka` in a process of its own, asked over real HTTP."""

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.streams.http.served import Served


class Posted(Served):
    """The same as the embedded one, with its read model in a directory, and the settings of an installation."""

    def __init__(
        self, data: Path, given: Mapping[str, str], *arguments: str, environment: Mapping[str, str] | None = None
    ) -> None:
        kafka = {f"ACCOUNTPULSE_KAFKA_{name.upper()}": value for name, value in given.items()}
        super().__init__(data, environment={**kafka, **(environment or {})})
        self._command = [
            sys.executable, "-m", "streams", "serve", "--kafka", "--data", str(data), "--port", "0", *arguments,
        ]  # fmt: skip

    def lag(self) -> float:
        """Messages of the output topics that the read model lacks."""
        names = ("account-health", "play-triggers", "dead-letters")
        return sum(self.metric(f'accountpulse_read_lag_messages{{topic="{name}"}}') for name in names)
