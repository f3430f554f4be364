"""Which partition a key belongs to."""

from aiokafka.partitioner import murmur2


def home(account_id: str, partitions: int) -> int:
    """The partition of an account's messages: where Java's clients, and most others, put a key."""
    hashed: int = murmur2(account_id.encode())
    return (hashed & 0x7FFFFFFF) % partitions
