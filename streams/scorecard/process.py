"""The service's side of the process that feeds the scorecard: starts it, listens to it, starts it again."""

import logging
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable

from streams.scorecard.course import Course
from streams.scorecard.feeder import REFUSED, STOP_S_MAX
from streams.scorecard.order import Order, State, decode

COMMAND = (sys.executable, "-m", "streams.scorecard.feeder")

RESTART_S = 5.0
"""After its end: a fault of a moment is over by then, and a lasting one keeps no core busy."""

GRACE_S = 1.0
"""For its own way out, after which it is killed: it never outlives the service."""

logger = logging.getLogger(__name__)


class Feeding:
    """Runs from `start` to `stop`. The scorecard falls behind when it can't; nothing else does."""

    def __init__(
        self, order: Order, on_state: Callable[[State], None] = lambda state: None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """on_state: told about every second, on a thread of ours; on_end: when the process has ended by itself."""
        self._order = pickle.dumps(order)
        self._on_state = on_state
        self._on_end = on_end
        self.course = Course()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="scorecard", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for it."""
        with self._guard:
            self._stopping.set()
            process = self._process
        if process is not None and process.stdin is not None:
            process.stdin.close()
        if self._thread.is_alive():
            self._thread.join(STOP_S_MAX + GRACE_S)
        if process is not None and process.poll() is None:
            process.kill()

    def _run(self) -> None:
        while True:
            with self._guard:
                if self._stopping.is_set():
                    return
                process = self._process = subprocess.Popen(  # noqa: S603 - ourselves
                    COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE
                )
            code = self._attend(process)
            if self._stopping.is_set():
                return
            self.course.ended(refused=code == REFUSED)
            self._on_end()
            if code == REFUSED:
                logger.error("the scorecard is not kept: see above; restart the service when that is mended")
                return
            logger.error("the process that feeds the scorecard ended with %d; starting it again", code)
            if self._stopping.wait(RESTART_S):
                return

    def _attend(self, process: "subprocess.Popen[bytes]") -> int:
        """Give the order, listen until the end; the exit code."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(self._order)
            process.stdin.flush()
            for line in process.stdout:
                state: State = decode(line)
                self.course.told(state)
                self._on_state(state)
        except (OSError, ValueError) as error:  # it ended while it was spoken to, or we closed the pipe
            logger.debug("%s", error)
        return process.wait()
