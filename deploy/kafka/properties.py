"""The server.properties of a broker on this machine."""

from collections.abc import Sequence
from typing import NamedTuple

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners={open},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={open}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,{protocols}
log.dirs=logs
auto.create.topics.enable=false
message.max.bytes=10485760

# there is no second node
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# tests don't wait: for members that may yet join, for a session to end, for compaction to begin
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.backoff.ms=1000
# a quarter of the heap otherwise; this is for half a million keys
log.cleaner.dedupe.buffer.size=16777216

# one that was killed may come back when its own session is over: 9 s otherwise
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


class Listener(NamedTuple):
    """A way to a broker, on loopback."""

    protocol: str
    """PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; also its name."""

    port: int
    properties: str = ""
    """Lines of server.properties that it needs."""


def properties(listeners: Sequence[Listener], controller: int) -> str:
    """The file's text. controller: the port that the broker's own controller listens at."""
    ours = PROPERTIES.format(
        open=",".join(f"{one.protocol}://127.0.0.1:{one.port}" for one in listeners),
        protocols=",".join(f"{one.protocol}:{one.protocol}" for one in listeners),
        controller=controller,
    )
    return "\n".join((ours, *(one.properties for one in listeners)))
