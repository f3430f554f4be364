"""How does the work on Kafka's messages grow with accounts, what is known of each, plays and partitions?

    python -m benchmarks.growth [accounts|users|plays|partitions]...

Everything that a worker does but for the brokers: chunks of CHUNK messages are decoded, folded and looked at by the
plays, and every EVENTS / CHECKPOINTS events all accounts that changed are scored, explained and packed. One thing
varies at a time, the others are as in BASE; every account is known before the clock starts. Prints CPU microseconds of
an event until it is applied, of a record until it is ready to be sent, and the bytes of a record; each case in a
process of its own, medians of RUNS.
"""

import json
import subprocess
import sys
import time
from statistics import median

from plays.engine import Engine, names
from plays.playbook import Playbook, load_playbook
from scoring.profile import Profile
from streams.configuration import load
from streams.history import uncollected
from streams.kafka.chunk import Chunk
from streams.kafka.edition import Edition
from streams.kafka.partition import Partition
from streams.kafka.record import Stamp

BASE = {"accounts": 10_000, "users": 2, "plays": 10, "partitions": 4}
CASES = {
    "accounts": (1_000, 10_000, 100_000, 1_000_000),
    "users": (2, 20, 100),
    "plays": (1, 10, 100),
    "partitions": (1, 4, 16, 64),
}
EVENTS = 96_000
CHECKPOINTS = 4
CHUNK = 8_000
RUNS = 3
START = 1_750_000_000
STRIDE = 611_953
"""A prime: consecutive events belong to accounts that lie far apart."""


def playbook(profile: Profile, count: int) -> Playbook:
    """So many plays that look at usage, each at a bound of its own, and that no account comes to."""
    plays = "".join(
        f"  play_{n}:\n    title: Play {n}\n    condition: metrics.active_users_90d >= {200 + n}.0\n"
        "    severity: info\n    audience: [cs]\n    owner: CS\n    due_in: 1d\n"
        "    action: {kind: [cs_outreach], summary: Look.}\n"
        for n in range(count)
    )
    return load_playbook(f'version: "1"\nplays:\n{plays}', file="plays.yaml", profile_names=names(profile))


class Stand:
    """Partitions, and messages for them."""

    def __init__(self, accounts: int, users: int, plays: int, partitions: int) -> None:
        shipped = load()
        engine = Engine(shipped.profile, playbook(shipped.profile, plays), publishing=False)
        edition = Edition(engine, shipped.vocabulary, Stamp())
        self._made = [Partition(edition, epoch=1) for _ in range(partitions)]
        self._accounts, self._users, self._sent = accounts, users, 0
        self.records = self.record_bytes = 0

    def know(self) -> None:
        """One event of every user of every account."""
        for done in range(0, self._accounts * self._users, EVENTS):
            self.take(min(EVENTS, self._accounts * self._users - done))
            self.checkpoint()

    def take(self, count: int) -> float:
        """Take the next events; CPU seconds."""
        waiting: list[tuple[list[bytes], list[bytes]]] = [([], []) for _ in self._made]
        for n in range(self._sent, self._sent + count):
            account = n * STRIDE % self._accounts
            user = n // self._accounts % self._users
            keys, values = waiting[account % len(waiting)]
            keys.append(b"acct-%d" % account)
            values.append(_message(n, account, user))
        self._sent += count
        began = time.process_time()
        for number, (keys, values) in enumerate(waiting):
            offsets = range(self._sent, self._sent + len(values))
            arrivals = [float(START + self._sent)] * len(values)
            for _ in self._made[number].take(Chunk("usage-events", number, "usage", offsets, arrivals, values, keys)):
                pass
        return time.process_time() - began

    def checkpoint(self) -> float:
        """All that changed becomes messages; CPU seconds."""
        began = time.process_time()
        written = [partition.checkpoint() for partition in self._made]
        spent = time.process_time() - began
        for partition, checkpoint in zip(self._made, written, strict=True):
            partition.written(checkpoint)
            self.records += len(checkpoint.records)
            self.record_bytes += sum(len(value) for _, value in checkpoint.records)
        return spent


def _message(n: int, account: int, user: int) -> bytes:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(START + n))
    return (
        f'{{"type":"track","event":"Report Viewed","messageId":"m-{n}","userId":"u-{account}-{user}",'
        f'"context":{{"groupId":"acct-{account}"}},"timestamp":"{at}","receivedAt":"{at}",'
        f'"properties":{{"feature":"feature-{n % 7}"}}}}'
    ).encode()


def measure(accounts: int, users: int, plays: int, partitions: int) -> dict[str, float]:
    """One case."""
    with uncollected():
        stand = Stand(accounts, users, plays, partitions)
        stand.know()
        stand.records = stand.record_bytes = 0
        took = sent = 0.0
        for _ in range(CHECKPOINTS):
            took += sum(stand.take(CHUNK) for _ in range(EVENTS // CHECKPOINTS // CHUNK))
            sent += stand.checkpoint()
        events = EVENTS // CHECKPOINTS // CHUNK * CHUNK * CHECKPOINTS
    return {
        "us_per_event": round(1e6 * took / events, 1),
        "us_per_record": round(1e6 * sent / stand.records, 1),
        "record_bytes": round(stand.record_bytes / stand.records),
    }


def main() -> None:
    if sys.argv[1:2] == ["--part"]:
        print(json.dumps(measure(*map(int, sys.argv[2:]))))
        return
    for varied in sys.argv[1:] or CASES:
        for value in CASES[varied]:
            case = {**BASE, varied: value}
            command = [sys.executable, "-m", "benchmarks.growth", "--part", *map(str, case.values())]
            runs = [
                json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                for _ in range(RUNS)
            ]
            print(
                json.dumps({varied: value, **{name: median(run[name] for run in runs) for name in runs[0]}}), flush=True
            )


if __name__ == "__main__":
    main()
