"""Reading a changelog partition back: for every account the record that its latest owner wrote last."""

from streams.kafka.record import CLAIM, epoch_of


class Restoration:
    """The records of a partition, as far as its changelog was read.

    A worker that lost the partition without knowing (it was stopped and went on later) may still write. Its claim is
    older, so its epoch is smaller: such a record is passed over, and noted, since compaction would keep it and drop the
    one that it lies upon.
    """

    def __init__(self) -> None:
        self.records: dict[str, bytes] = {}
        """Values of the changelog by account."""
        self.displaced: set[str] = set()
        """Accounts whose newest value in the topic is not the one in `records`."""

    def take(self, key: bytes, value: bytes | None) -> None:
        """Take the next message of the changelog."""
        if key == CLAIM:
            return
        account_id = key.decode()
        if value is None:  # somebody deleted the account by hand
            self.records.pop(account_id, None)
            self.displaced.discard(account_id)
            return
        known = self.records.get(account_id)
        if known is not None and epoch_of(known) > epoch_of(value):
            self.displaced.add(account_id)
            return
        self.records[account_id] = value
        if self.displaced:
            self.displaced.discard(account_id)
