"""A history run as if live."""

import gc
from datetime import datetime
from random import Random
from typing import Any

import pytest

from streams.configuration import load
from streams.replay import Listener, Replay
from streams.simulate.bulk import bulk
from streams.simulate.scenario import simulate
from streams.wire import decode


def triggers_of(seed: int, *, publishing: bool) -> dict[str, dict[str, Any]]:
    configuration = load()
    found: list[dict[str, Any]] = []
    replay = Replay(configuration.engine(publishing=publishing), Listener(found.append))
    replay.feed(decode(list(simulate(seed, 20).messages), vocabulary=configuration.vocabulary).events)
    replay.finish()
    assert len({trigger["id"] for trigger in found}) == len(found)
    return {trigger["id"]: trigger for trigger in found}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_run_without_scores_opens_the_same_episodes_at_most_a_day_apart(seed: int) -> None:
    with_scores, without = triggers_of(seed, publishing=True), triggers_of(seed, publishing=False)
    assert with_scores
    assert without.keys() == with_scores.keys()
    for id_, trigger in with_scores.items():
        opened, otherwise = (datetime.fromisoformat(one["time"]) for one in (trigger, without[id_]))
        assert abs((opened - otherwise).total_seconds()) <= 86_400


def test_a_replay_makes_no_cycles_so_that_it_needs_no_collector() -> None:
    configuration, random = load(), Random(7)
    lines = [line if random.random() > 0.1 else line[: random.randrange(len(line))] for line in bulk(1, 300, 6_000, 60)]
    replay = Replay(configuration.engine(publishing=False), Listener())
    while gc.collect():  # what tests before this one left, and what that lets go of
        pass
    gc.disable()
    try:
        for start in range(0, len(lines), 1_000):
            replay.feed(decode(lines[start : start + 1_000], vocabulary=configuration.vocabulary).events)
        replay.finish()
        assert gc.collect() == 0
    finally:
        gc.enable()
    assert replay.triggers
