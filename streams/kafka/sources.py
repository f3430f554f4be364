"""Which sources are dark: streams on which nothing arrives for anybody, so that nobody's silence means anything.

Every worker asks the brokers, now and then, for the first message of a stream that is younger than the stream may be
quiet, over all its partitions and not only its own. So all find the same, whoever has which accounts.
"""

from collections.abc import Collection, Iterator, Mapping
from math import inf

from streams.replay import RETURN_GRACE_S

REVIEWED = 24
"""Instants of the past that are looked at when a worker starts, so that it knows what one that ran all the time knows:
above all, whether a source has only just come back."""

LOOKS = 4
"""Looks within the time that a stream may be quiet."""

LOOK_S_MIN, LOOK_S_MAX = 0.25, 15.0

BLIND_LOOKS = 4
"""Looks that may fail before nothing is known of the sources any more."""


class Source:
    """One stream. All instants in unix seconds.

    >>> source = Source(3_600.0)
    >>> source.note(10_000.0, 9_000.0), source.silent
    (None, False)
    >>> source.note(13_000.0, None), source.silent
    ('dark', True)
    >>> source.note(15_000.0, 14_000.0), source.silent
    ('returned', True)
    >>> source.note(18_600.0, 18_600.0), source.silent
    ('counts', False)
    """

    def __init__(self, dark_after_s: float) -> None:
        """dark_after_s: how long the stream may be quiet."""
        self.dark_after_s = dark_after_s
        self._dark_since: float | None = None
        self._held_until = -inf
        self._known = False
        self.silent = False
        """Whether an account's silence on this stream means nothing now."""

    @property
    def dark(self) -> bool:
        """Whether nothing has arrived for longer than it may be."""
        return self._dark_since is not None

    def note(self, at: float, first: float | None, *, ever: bool = True) -> str | None:
        """What was found at the instant `at`: when the first message arrived of those after `at - dark_after_s`, None
        when there is none; ever: whether there is any message at all. What has changed by it, None for nothing.

        A stream that never had a message is not dark: it is not in use.
        """
        before = self.dark, self.silent
        if first is not None and first <= at:
            if self._dark_since is not None:
                # what its senders have kept meanwhile needs time to arrive, the more the longer it took
                self._held_until = first + min(first - self._dark_since, RETURN_GRACE_S)
                self._dark_since = None
        elif ever and self._dark_since is None:
            self._dark_since = at - self.dark_after_s
        self.silent = self.dark or at < self._held_until
        if (self.dark, self.silent) == before:
            return None
        return "dark" if self.dark else "returned" if self.silent else "counts"


class Sources:
    """All streams that may be quiet for a known time only."""

    def __init__(self, dark_after: Mapping[str, float]) -> None:
        """dark_after: seconds, by stream."""
        self.streams = {stream: Source(seconds) for stream, seconds in dark_after.items()}
        self.look_s = max(LOOK_S_MIN, min([LOOK_S_MAX, *(seconds / LOOKS for seconds in dark_after.values())]))
        """How often to look."""
        self._looked_at = -inf

    def reviewed(self, now: float) -> Iterator[float]:
        """The instants to look at before the first look at what is now, in order."""
        longest = RETURN_GRACE_S + max((source.dark_after_s for source in self.streams.values()), default=0.0)
        return (now - longest * step / REVIEWED for step in range(REVIEWED, 0, -1))

    def looked(self, at: float) -> None:
        """All streams were looked at; at: on a clock that only runs forward."""
        self._looked_at = at

    def blind(self, at: float) -> bool:
        """Whether nothing is known of the streams now: nobody has looked yet, or could not for a while."""
        return bool(self.streams) and at - self._looked_at > BLIND_LOOKS * self.look_s

    def silent(self, streams: Collection[str]) -> bool:
        """Whether silence means nothing, when silence is that on these streams."""
        return any(source.silent for stream, source in self.streams.items() if stream in streams)
