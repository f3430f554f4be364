"""The newest messages that were sent, so that one that is sent again while the first is under way goes out once."""

import asyncio
from collections import OrderedDict

MESSAGES_MAX = 50_000
"""Some 20 MB. A sender that got no answer tries again within seconds; workers tell later duplicates themselves."""

Key = tuple[str, str]
"""Account and message id: message ids are told apart within an account."""

Acknowledged = asyncio.Future[None]


class Recent:
    """Each with the future that is resolved when the brokers have it."""

    def __init__(self, messages_max: int = MESSAGES_MAX) -> None:
        self._messages_max = messages_max
        self._sent: OrderedDict[Key, Acknowledged] = OrderedDict()

    def get(self, key: Key) -> Acknowledged | None:
        """That of a message that is under way or has arrived; None when it is not known."""
        return self._sent.get(key)

    def put(self, key: Key, acknowledged: Acknowledged) -> None:
        """Note a message, and forget the oldest one where there are too many."""
        self._sent[key] = acknowledged
        if len(self._sent) > self._messages_max:
            self._sent.popitem(last=False)

    def drop(self, key: Key, acknowledged: Acknowledged) -> None:
        """Forget a message that did not arrive: it must be sent when it comes again."""
        if self._sent.get(key) is acknowledged:
            del self._sent[key]
