"""Following what is published, without a broker."""

import asyncio
import logging

import pytest

from streams.configuration import Texts, shipped
from streams.kafka.edition import Edition
from streams.kafka.editions import Follower, Start
from streams.kafka.publication import encode
from streams.kafka.settings import Settings
from tests.streams.embedded.running import PLAYS
from tests.streams.kafka.test_edition import COUNTING, LOWER, made

PROFILE = (shipped("profile"), "profile.yaml")
COUNTING_MORE = (PROFILE[0].replace("metrics:\n", f"metrics:\n{COUNTING}", 1), "profile.yaml")


def message(plays: str = LOWER, profile: tuple[str, str] = PROFILE) -> bytes:
    return encode(Texts(profile, (plays, "plays.yaml"), None))[1]


class Following:
    """A follower of a topic of which three messages were read at the start, and what came of it."""

    def __init__(self) -> None:
        self.adopted: list[Edition] = []
        self.refused = 0
        self.follower = Follower(Settings(), Start(made(PLAYS, position=2), 3), self._adopt, self._on_refused)

    async def _adopt(self, edition: Edition) -> None:
        self.adopted.append(edition)

    def _on_refused(self) -> None:
        self.refused += 1


def test_what_can_be_used_is_adopted_and_what_can_not_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    following = Following()

    async def follow() -> None:
        await following.follower.take(3, message())
        await following.follower.take(4, message(plays="version: x"))
        await following.follower.take(5, None)
        await following.follower.take(6, message(profile=COUNTING_MORE))
        await following.follower.take(7, message(PLAYS))

    with caplog.at_level(logging.ERROR):
        asyncio.run(follow())
    assert [one.stamp.position for one in following.adopted] == [3, 7]
    assert following.adopted[0].engine.playbook.version == "test-2"
    assert following.refused == 2
    bad, layout = [record.getMessage() for record in caplog.records]
    assert bad.startswith("configuration 4 is refused, default@")
    assert "plays.yaml:1: plays" in bad
    assert "metrics.logins is new" in layout


def test_whoever_must_know_an_edition_waits_until_it_is_adopted() -> None:
    following = Following()

    async def wait() -> None:
        await asyncio.wait_for(following.follower.heard(2), 1.0)  # read at the start
        waiting = asyncio.create_task(following.follower.heard(4))
        await following.follower.take(3, message())
        await asyncio.sleep(0.01)
        assert not waiting.done()
        await following.follower.take(4, message(plays="version: x"))  # refused is judged, too
        await asyncio.wait_for(waiting, 1.0)

    asyncio.run(wait())


def test_whoever_has_files_only_waits_for_nothing() -> None:
    async def adopt(_: Edition) -> None:
        raise AssertionError

    follower = Follower(Settings(), Start(made(), -1), adopt, lambda: None)
    asyncio.run(asyncio.wait_for(follower.heard(99), 1.0))
