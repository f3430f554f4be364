"""The run while it runs: how far, how fast, which plays fire. It moves on a terminal, and is plain lines elsewhere."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from scoring.days import iso

FEED_ROWS = 12
"""Plays in sight at once: with the bar they fit the 24 lines of the smallest terminal, wrapped rows included."""

REFRESH_A_SECOND = 8
"""Often enough to look alive; each refresh costs about a millisecond of the run."""

PLAIN_STEP = 0.1
"""Without a terminal, a line at every such share of the run."""

SEVERITY_STYLE = {"critical": "bold red", "warning": "yellow", "info": "cyan"}


class DemoView:
    """Listens to a run: a context manager around it, whose methods are the callbacks.

    `start` and `end` are the history's instants (unix seconds): progress is told by them when the number of events is
    not known (`total` 0). `clock` gives real seconds, for the speed.
    """

    def __init__(
        self, console: Console, *, start: float, end: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.triggers: list[Mapping[str, Any]] = []
        """All that came."""
        self._console = console
        self._start = start
        self._end = end
        self._clock = clock
        self._began = clock()
        self._done = 0
        self._total = 0
        self._at = start
        self._next_line = PLAIN_STEP
        self._feed: deque[Mapping[str, Any]] = deque(maxlen=FEED_ROWS)
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._began = self._clock()
        if self._console.is_terminal:
            # transient: when the run is over, the tables of the report take the place of what moved
            self._live = Live(
                get_renderable=self.picture, console=self._console, refresh_per_second=REFRESH_A_SECOND, transient=True
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        if kind is None:
            self._say(self.summary())

    @property
    def seconds(self) -> float:
        """Real seconds since the run began."""
        return self._clock() - self._began

    @property
    def share(self) -> float:
        """How much of the run is done, 0..1."""
        share = self._done / self._total if self._total else (self._at - self._start) / (self._end - self._start)
        return min(1.0, max(0.0, share))

    def on_progress(self, events_done: int, total: int, at: float) -> None:
        """So many of `total` events (0: not known) are done; simulated time is `at`, unix seconds."""
        self._done, self._total, self._at = events_done, total, at
        if self._live is None and self.share >= self._next_line:
            while self.share >= self._next_line:
                self._next_line += PLAIN_STEP
            self._say(f"{self._day()}  {self.share:4.0%}  {self._figures()}")

    def on_trigger(self, trigger: Mapping[str, Any]) -> None:
        """A play has fired; a CloudEvent as plays/trigger.py makes it."""
        self.triggers.append(trigger)
        self._feed.append(trigger)
        if self._live is None:
            data = trigger["data"]
            what = f"{data['title']}: {data['reason']}"
            self._say(f"{trigger['time'][:10]}  {data['severity']:8}  {trigger['subject']}  {what}")

    def picture(self) -> RenderableType:
        """What a terminal shows at this moment."""
        head = Text.assemble((self._day(), "bold"), "  ", self._figures(), no_wrap=True, overflow="ellipsis")
        bar = ProgressBar(total=1.0, completed=self.share, width=min(self._console.width, 100))
        return Group(head, Padding(bar, (0, 0, 1, 0)), self._feed_table())

    def summary(self) -> str:
        """What was done, in a line."""
        seconds = self.seconds
        speed = f" ({self._done / seconds:,.0f} a second)" if seconds else ""
        return f"{self._done:,} events in {seconds:.1f} s{speed}, {len(self.triggers):,} plays fired."

    def _figures(self) -> str:
        seconds = self.seconds
        of = f" of {self._total:,}" if self._total else ""
        speed = f"{self._done / seconds:,.0f} events/s" if seconds else ""
        return f"{self._done:,}{of} events  {speed}  {len(self.triggers):,} plays fired"

    def _day(self) -> str:
        return iso(self._at)[:10]

    def _feed_table(self) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        for name in ("day", "account", "play"):
            table.add_column(name, no_wrap=True)
        table.add_column("reason", no_wrap=True, overflow="ellipsis", ratio=1)
        for trigger in self._feed:
            data = trigger["data"]
            title = Text(data["title"], style=SEVERITY_STYLE.get(data["severity"], ""))
            table.add_row(Text(trigger["time"][:10], "dim"), Text(trigger["subject"]), title, Text(data["reason"]))
        return table

    def _say(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)
