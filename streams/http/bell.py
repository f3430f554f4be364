"""Tells whoever waits for triggers that there are new ones."""

import asyncio


class Bell:
    """Belongs to the event loop; `ring_from_thread` may be called from anywhere. A ring is never missed: one waits for
    the next after the count that one has seen."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._next = loop.create_future()
        self.rings = 0
        self.closed = False

    def ring_from_thread(self) -> None:
        """Wake everybody; nothing happens once the loop is gone."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring)

    def close_from_thread(self) -> None:
        """Wake everybody for good."""
        self.closed = True
        self.ring_from_thread()

    async def wait(self, seen: int, timeout_s: float) -> None:
        """Return when there was a ring after the `seen` ones, when closed, or when the time is over."""
        if self.rings == seen and not self.closed:
            await asyncio.wait([self._next], timeout=timeout_s)

    def _ring(self) -> None:
        self.rings += 1
        self._next.set_result(None)
        self._next = self._loop.create_future()
