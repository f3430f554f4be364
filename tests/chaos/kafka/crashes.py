"""Workers and brokers that end, come and stand still."""

import asyncio

from tests.chaos.kafka.stage import LEAVE_S_MAX, SESSION_S, Stage


async def kills(stage: Stage) -> None:
    """A random worker is killed, again and again, and another starts."""
    for _ in range(stage.length):
        await stage.pause(0.5, 6.0)
        kill(stage)


def kill(stage: Stage) -> None:
    """One worker ends as by a crash of its machine, and another starts."""
    stage.cluster.kill(stage.dice.choice(stage.cluster.workers))
    stage.cluster.start()


async def crashes(stage: Stage) -> None:
    """Workers are killed in the midst of their work, and not while they start."""
    for _ in range(stage.length):
        await stage.pause(1.5, 3.0)
        kill(stage)
        await stage.ready()


async def joins(stage: Stage) -> None:
    """Workers join and leave every few seconds: commits must advance all the same."""
    for _ in range(stage.length):
        await stage.pause(1.0, 4.0)
        if len(stage.cluster.workers) > 2 and stage.dice.random() < 0.5:
            await asyncio.to_thread(stage.cluster.leave, stage.dice.choice(stage.cluster.workers), LEAVE_S_MAX)
            stage.note("left")
        else:
            stage.cluster.start()
            stage.note("joined")


async def zombies(stage: Stage) -> None:
    """A worker is stopped until others have its partitions, and then goes on as if nothing had happened."""
    for _ in range(stage.length):
        await stage.pause(1.0, 4.0)
        worker = stage.dice.choice(stage.cluster.workers)
        stage.cluster.pause(worker)
        await asyncio.sleep(SESSION_S + stage.dice.uniform(1.0, 5.0))
        stage.cluster.resume(worker)
        stage.note("zombies")


async def outages(stage: Stage) -> None:
    """The broker is restarted, killed, and stopped for a while."""
    for number in range(stage.length):
        await stage.pause(2.0, 5.0)
        if number % 3 == 0:
            await asyncio.to_thread(stage.broker.restart)
            stage.note("restarts")
        elif number % 3 == 1:
            await stand_still(stage, stage.dice.uniform(5.0, 20.0))
        else:
            stage.broker.kill()
            await asyncio.to_thread(stage.broker.start)
            stage.note("broker kills")


async def repeats(stage: Stage) -> None:
    """Half of what is sent was sent before, all of it out of order; the broker stands still until senders give up and
    send again what it has already; workers are killed meanwhile.
    """
    for _ in range(stage.length):
        await stage.pause(1.0, 3.0)
        await stand_still(stage, stage.dice.uniform(1.5, 2.5))
        await stage.pause(1.0, 3.0)
        kill(stage)


async def stand_still(stage: Stage, for_s: float) -> None:
    """The broker answers nobody for a while."""
    stage.broker.pause()
    await asyncio.sleep(for_s)
    stage.broker.resume()
    stage.note("pauses")
