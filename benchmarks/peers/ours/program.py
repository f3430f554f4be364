"""accountpulse as `accountpulse worker` runs it, with a profile and a play that do the work of work.md, or, as
`program shipped`, with those that are shipped, which do far more.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.peers.events import PARTITIONS
from benchmarks.peers.work import Task
from streams.configuration import Configuration, load
from streams.kafka import administration
from streams.kafka.app import App
from streams.kafka.chunk import Chunk
from streams.kafka.edition import edition
from streams.kafka.editions import Start
from streams.kafka.settings import Settings, load_settings
from streams.kafka.topics import INPUTS

HERE = Path(__file__).parent
COMMIT_S = 5.0
"""As Kafka Streams is asked to. A trigger does not wait for it."""


class Noted(App):
    """Says when the first and the last event are in hand, and then makes durable what is not, as all do."""

    def __init__(self, settings: Settings, task: Task, configuration: Configuration) -> None:
        super().__init__(settings, Start(edition(configuration), -1))
        take, checkpoint = self.worker.take, self.worker.checkpoint

        async def noted(chunk: Chunk, done: Callable[[], None]) -> None:
            last = task.saw(len(chunk.offsets))
            await take(chunk, done)
            if last:
                await checkpoint(publish=True)
                await self.consumer.commit()

        self.worker.take = noted  # type: ignore[method-assign]


def made(task: Task, *, shipped: bool = False) -> App:
    """The app, and the topics that it needs beside the events'."""
    prefix = task.topic.removesuffix(INPUTS["usage"])
    settings = load_settings(
        None, bootstrap_servers=task.bootstrap, prefix=prefix, group=task.group, partitions=PARTITIONS,
        checkpoint_s=COMMIT_S,
    )  # fmt: skip
    administration.create(settings)
    configuration = load() if shipped else load(HERE / "profile.yaml", HERE / "plays.yaml")
    return Noted(settings, task, configuration)


def main() -> None:
    """Work until told to end."""
    made(Task(), shipped=sys.argv[1:] == ["shipped"]).Worker(loglevel="warning").execute_from_commandline()


if __name__ == "__main__":
    main()
