"""Reading a changelog partition back: for every account the record that its latest owner wrote last."""

from streams.kafka.record import CLAIM, MADE_OF, Records, epoch_bytes, epoch_of


class Restoration:
    """The records of a partition, as far as its changelog was read.

    A worker that lost the partition without knowing (it was stopped and went on later) may still write. Its claim is
    older than the newest one before what it writes, or than that of the record it lies upon, whose own claim compaction
    may have dropped. Such a record is passed over, and noted, since compaction would keep it and drop the other.
    """

    def __init__(self, records: Records | None = None) -> None:
        """records: where they are kept, empty; in memory by default."""
        self._claimed = b""  # the epoch of the newest claim so far
        self.records: Records = {} if records is None else records
        """Values of the changelog by account."""
        self.displaced: set[str] = set()
        """Accounts whose newest value in the topic is not the one in `records`."""
        self.made_of = b""
        """Of which topics; empty when it does not say."""

    def take(self, offset: int, key: bytes, value: bytes | None) -> None:
        """Take the next message of the changelog."""
        if key == CLAIM:
            self._claimed = epoch_bytes(offset)
            return
        if key == MADE_OF:
            self.made_of = value or b""
            return
        account_id = key.decode()
        if value is None:  # somebody deleted the account by hand
            self.records.pop(account_id, None)
            self.displaced.discard(account_id)
            return
        known, epoch = self.records.get(account_id), epoch_of(value)
        if epoch < self._claimed or (known is not None and epoch < epoch_of(known)):
            self.displaced.add(account_id)
            return
        self.records[account_id] = value
        if self.displaced:
            self.displaced.discard(account_id)
