"""Puts triggers from elsewhere than the log into the outbox, and waits until they are on the disk."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from streams.embedded.inbox import Busy, Outcome, Receipt, Stopped, Submission
from streams.embedded.service import Service

WAIT_S = 10.0
"""For the disk; later they are put again, under the same ids."""


def put(service: Service, triggers: Sequence[Mapping[str, Any]]) -> bool:
    """Whether they are there now; those that were already stay as they are."""
    outcomes: list[Outcome] = []
    written = threading.Event()

    def done(outcome: Outcome) -> None:
        outcomes.append(outcome)
        written.set()

    try:
        service.submit(Submission([], [], done, triggers))
    except (Busy, Stopped):
        return False
    return written.wait(WAIT_S) and isinstance(outcomes[0], Receipt)
