"""Which topics the records were made of: those that brokers know by the same ids, and not by the same names alone.

In a topic that was deleted and made anew, offsets begin again. What it holds would be taken for applied long ago, and
be passed over without a word.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

import msgspec
from kafka.errors import KafkaError

from streams.kafka import administration
from streams.kafka.settings import Settings
from streams.kafka.topics import INPUTS

LOOK_S = 15.0
"""How often a worker that runs asks. It asks at once when messages come from before those that it has taken."""

RETRY_S = 1.0

NEVER = float("-inf")

LOST = "lost"
"""In place of the id of a topic that is the same, and whose offsets have begun again."""

Ids = Mapping[str, str]
"""Of topics, by name."""

logger = logging.getLogger(__name__)


class RemadeTopicError(RuntimeError):
    """A topic is not the one of before, or not what it was."""


class Identity:
    """Of the input topics, as the brokers tell this process. Those who ask at the same time share an answer."""

    def __init__(self, settings: Settings, ask: Callable[[Settings], Ids] | None = None) -> None:
        """ask: in place of `input_ids`."""
        self._settings = settings
        self._ask = ask or input_ids
        self._names = [settings.prefix + topic for topic in INPUTS.values()]
        self._known: Ids = {}
        self._asked = NEVER
        self._asking = asyncio.Lock()

    async def __call__(self, since: float | None = None) -> Ids:
        """The ids of all input topics, once the brokers have said them. RemadeTopicError when they have said others
        before. since: what was asked at this instant (`time.monotonic`) or later will do; by default, now.
        """
        since = time.monotonic() if since is None else since
        async with self._asking:
            if self._asked < since:
                self._asked, self._known = await self._answered()
            return self._known

    async def _answered(self) -> tuple[float, Ids]:
        """When they were asked, and what they said."""
        while True:
            asked = time.monotonic()
            try:
                ids = await asyncio.to_thread(self._ask, self._settings)
            except (administration.UnreachableError, KafkaError) as error:
                logger.warning("the ids of the topics can't be asked: %s", error)
            else:
                refuse_others(self._known, ids)
                if len(ids) == len(self._names):
                    return asked, ids
                logger.warning("not there: %s", ", ".join(name for name in self._names if name not in ids))
            await asyncio.sleep(RETRY_S)

    async def watch(self) -> None:
        """Ask from time to time, until cancelled or until RemadeTopicError."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self()


def input_ids(settings: Settings) -> Ids:
    """The ids of the input topics that are there, as the brokers tell them now. UnreachableError, KafkaError."""
    found = administration.identities(settings)
    names = [settings.prefix + topic for topic in INPUTS.values()]
    return {name: found[name] for name in names if name in found}


async def unnamed() -> Ids:
    """Of topics that nobody makes anew."""
    return {}


def refuse_others(before: Ids, now: Ids) -> None:
    """RemadeTopicError where a topic has another id than before.

    >>> refuse_others({"usage-events": "a", "cs-events": "b"}, {"usage-events": "a"})
    """
    for name, id_ in now.items():
        known = before.get(name, id_)
        if known != id_:
            anew = f"was deleted and made anew: its id is {id_}, and the records were made of {known}"
            what = "has lost messages that were applied" if known == LOST else anew
            raise RemadeTopicError(
                f"{name} {what}. Its offsets begin again, so what it holds can't be told from what was applied. Stop"
                " all workers; then `accountpulse topics accept` has them take all of it"
            )


def encode(ids: Ids) -> bytes:
    """As the changelog has them."""
    return msgspec.json.encode(ids)


def decode(value: bytes) -> Ids:
    """The ids of a value of the changelog; none of an empty one."""
    return msgspec.json.decode(value, type=dict[str, str]) if value else {}
