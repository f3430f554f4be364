"""Hands out what came of watching cohorts, and waits until it is durable: on the disk, or with the brokers."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streams.dead_letter import DeadLetter
from streams.embedded.inbox import Busy, Outcome, Receipt, Stopped, Submission

WAIT_S = 15.0
"""For that; somewhat longer than a service lets anybody wait for the brokers. What is late is put again, under the same
ids."""

Submit = Callable[[Submission], None]


def put(submit: Submit, triggers: Sequence[Mapping[str, Any]], letters: Sequence[DeadLetter]) -> bool:
    """Whether they are there now; triggers that were already stay as they are. submit: from any thread."""
    outcomes: list[Outcome] = []
    written = threading.Event()

    def done(outcome: Outcome) -> None:
        outcomes.append(outcome)
        written.set()

    try:
        submit(Submission([], letters, done, triggers))
    except (Busy, Stopped):
        return False
    return written.wait(WAIT_S) and isinstance(outcomes[0], Receipt)
