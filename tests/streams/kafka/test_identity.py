"""Which topics the brokers know by the names of ours."""

import asyncio
import time

import pytest

from streams.kafka.identity import Identity, Ids, RemadeTopicError
from streams.kafka.settings import Settings, load_settings
from streams.kafka.topics import INPUTS

OURS: Ids = dict.fromkeys(INPUTS.values(), "a")


class Brokers:
    """Say what they were told to."""

    def __init__(self, *answers: Ids) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self, settings: Settings) -> Ids:
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def test_many_who_ask_at_once_cost_two_questions_at_most() -> None:
    brokers = Brokers(OURS)

    async def scenario() -> list[Ids]:
        ask = Identity(load_settings(None), brokers)
        return list(await asyncio.gather(*(ask() for _ in range(50))))

    assert asyncio.run(scenario()) == [OURS] * 50
    assert brokers.asked <= 2  # who asks while an answer is under way waits for the one after it


def test_what_was_asked_since_is_not_asked_again_and_what_came_after_it_is() -> None:
    brokers = Brokers(OURS)

    async def scenario() -> list[int]:
        ask, before = Identity(load_settings(None), brokers), time.monotonic()
        counts = []
        for since in (before, before, None):
            await ask(since)
            counts.append(brokers.asked)
        return counts

    assert asyncio.run(scenario()) == [1, 1, 2]


def test_a_topic_that_was_made_anew_is_refused_by_all_who_ask() -> None:
    async def scenario() -> None:
        ask = Identity(load_settings(None), Brokers(OURS, {**OURS, "usage-events": "b"}))
        await ask()
        for _ in range(2):
            with pytest.raises(RemadeTopicError, match="usage-events was deleted and made anew: its id is b"):
                await ask()

    asyncio.run(scenario())
