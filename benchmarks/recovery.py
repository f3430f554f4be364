"""How soon does a worker that takes over all accounts have them, and in how much memory?

    python -m benchmarks.recovery [--records-directory DIRECTORY] [ACCOUNTS]

Starts a broker and writes the records of ACCOUNTS (1,000,000) accounts to the changelog: each has EVENTS events of two
users, folded and packed by the shipped profile and plays. Then a process of its own does what a worker does with the
partitions that it is given: claims them, reads them back, and is ready to apply events. Prints a JSON line: accounts
per second from the claim until it is ready, the broker on the same machine, and that process's peak memory. With a
directory, the records lie on its disk (extra `rocks`), whose megabytes are printed too.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.progress import track

from deploy.kafka.broker import Broker
from streams.configuration import load
from streams.kafka import administration
from streams.kafka.around import Around
from streams.kafka.changelog import Changelog
from streams.kafka.chunk import Chunk
from streams.kafka.edition import edition
from streams.kafka.keeping import keeping
from streams.kafka.partition import Partition
from streams.kafka.sender import Sender
from streams.kafka.settings import Settings, load_settings
from streams.kafka.topics import RECORDS
from streams.kafka.worker import Worker
from streams.kafka.writer import Outlets, Outputs

ACCOUNTS = 1_000_000
EVENTS = 6
PARTITIONS = 4
AT_ONCE = 5_000
"""Accounts that are folded and written together."""
START = 1_750_000_000


def settings(bootstrap: str, directory: str) -> Settings:
    """For a topic of records and all that goes with it; directory: of records, empty for memory."""
    return load_settings(
        None, bootstrap_servers=bootstrap, prefix="recovery.", group="recovery", partitions=PARTITIONS,
        records_directory=directory,
    )  # fmt: skip


async def fill(given: Settings, accounts: int) -> int:
    """Write the records; how many bytes they have."""
    sender = Sender(given.connection(), message_bytes_max=given.message_bytes_max)
    await sender.start()
    changelogs = Changelog(given.prefix + RECORDS, sender, given.connection(), "filling")
    used, size = edition(load()), 0
    epochs = [await changelogs.claim(number) for number in range(PARTITIONS)]
    for first in track(range(0, accounts, AT_ONCE), "records", console=Console(stderr=True)):
        number = first // AT_ONCE % PARTITIONS
        partition = Partition(used, epoch=epochs[number])
        values = [_message(n, event) for n in range(first, first + AT_ONCE) for event in range(EVENTS)]
        arrivals = [float(START + EVENTS * 86_400)] * len(values)
        for _ in partition.take(Chunk("usage-events", number, "usage", range(len(values)), arrivals, values)):
            pass
        made = [(account_id.encode(), value) for account_id, value in partition.checkpoint().records]
        size += sum(len(value) for _, value in made)
        await changelogs.write(number, made)
    await sender.stop()
    return size


def _message(account: int, event: int) -> bytes:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(START + event * 86_400 + account % 80_000))
    return (
        f'{{"type":"track","event":"Report Viewed","messageId":"m-{account}-{event}",'
        f'"userId":"u-{account}-{event % 2}","context":{{"groupId":"acct-{account}"}},'
        f'"timestamp":"{at}","receivedAt":"{at}","properties":{{"feature":"feature-{event % 3}"}}}}'
    ).encode()


async def recover(given: Settings) -> dict[str, float]:
    """Take over all partitions."""
    sender = Sender(given.connection(), message_bytes_max=given.message_bytes_max)
    await sender.start()
    changelog = Changelog(given.prefix + RECORDS, sender, given.connection(), "recovering", keeping(given))
    worker = Worker(
        edition(load()), Outlets(changelog, sender, Outputs("health", "triggers", "dead")), Around(lambda _: 0)
    )
    began = time.perf_counter()
    await worker.assign(range(PARTITIONS))
    seconds = time.perf_counter() - began
    await sender.stop()
    accounts = worker.telemetry.registry.get_sample_value("accountpulse_worker_accounts") or 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"accounts": accounts, "seconds": round(seconds, 1), "accounts_per_s": round(accounts / seconds),
            "peak_mb": round(peak / 1e6), "disk_mb": round(_on_disk(given.records_directory) / 1e6)}  # fmt: skip


def _on_disk(directory: Path | None) -> int:
    """Bytes of the files in it; 0 without one."""
    return 0 if directory is None else sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description="How soon does a worker have all accounts, and in how much memory?")
    parser.add_argument("accounts", nargs="?", type=int, default=ACCOUNTS)
    parser.add_argument("--records-directory", default="")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(asyncio.run(recover(settings(options.part, options.records_directory)))))
        return
    accounts, place = options.accounts, options.records_directory
    with tempfile.TemporaryDirectory() as directory, Broker(Path(directory)) as broker:
        given = settings(broker.bootstrap, place)
        administration.create(given)
        size = asyncio.run(fill(given, accounts))
        command = [
            sys.executable,
            "-m",
            "benchmarks.recovery",
            "--part",
            broker.bootstrap,
            "--records-directory",
            place,
        ]
        found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        print(json.dumps({**found, "record_bytes": round(size / accounts)}))


if __name__ == "__main__":
    main()
