"""A playbook moves the episodes of one account: few of them kept, none lost, none made twice."""

from typing import Any

import msgspec
import pytest

from plays.condition import Names
from plays.episode import Episode
from plays.playbook import HELD_AGAIN_S, Playbook, load_playbook
from plays.trigger import trigger_id
from scoring.account import RETIRED_EPISODES_MAX
from scoring.days import DAY

NAMES: Names = {
    "score": "double", "metrics.silence": "double", "metrics.renewal_days": "double",
    "stage": "string", "segment": "string",
}  # fmt: skip

COMMON = "owner: CS, action: {kind: [call], summary: s}"
LOW = f"low: {{title: Low, condition: score < 40.0, hold_for: 2d, cooldown: 5d, {COMMON}"
QUIET = f"quiet: {{title: Quiet, condition: metrics.silence >= 21.0, cooldown: 1d, {COMMON}"


def playbook(*plays: str) -> Playbook:
    text = 'version: "1"\nplays:\n' + "".join(f"  {play}}}\n" for play in plays)
    return load_playbook(text, file="plays.yaml", profile_names=NAMES)


def advance(
    book: Playbook, episodes: dict[str, tuple[Any, ...]], day: float, *, dark: bool = False, **values: Any
) -> tuple[list[str], float]:
    """Reasons of the moves and the deadline in days; silence is metrics.silence."""
    named = {("metrics.silence" if name == "silence" else name): value for name, value in values.items()}
    moves, due = book.advance(named, episodes, day * DAY, held=dark)
    return [f"{move.play} {move.reason}" for move in moves], due / DAY


def test_an_idle_play_without_a_past_keeps_nothing() -> None:
    book, episodes = playbook(LOW, QUIET), dict[str, tuple[Any, ...]]()
    assert advance(book, episodes, 0, score=50.0, silence=1.0) == ([], float("inf"))
    assert advance(book, episodes, 1, score=30.0, silence=1.0) == (["low condition_met"], 3)
    assert advance(book, episodes, 2, score=50.0, silence=1.0) == (["low condition_lapsed"], float("inf"))
    assert episodes == {}


def test_the_deadline_is_the_earliest_of_all_plays() -> None:
    book, episodes = playbook(LOW, QUIET), dict[str, tuple[Any, ...]]()
    _, due = advance(book, episodes, 0, score=30.0, silence=30.0)
    assert due == 2
    _, due = advance(book, episodes, 2, score=30.0, silence=32.0)
    assert due == 90
    moved, due = advance(book, episodes, 3, score=50.0, silence=0.0)
    assert moved == ["low clearing", "low recovered", "quiet clearing", "quiet recovered"]
    assert due == 4


def test_episodes_survive_packing_and_unpacking_at_every_step() -> None:
    book, episodes = playbook(LOW, QUIET), dict[str, tuple[Any, ...]]()
    told = []
    for day, score in enumerate([30, 30, 30, 50, 50, 50, 50, 50, 50, 30, 30, 30]):
        episodes = {
            play: tuple(packed) for play, packed in msgspec.msgpack.decode(msgspec.msgpack.encode(episodes)).items()
        }
        told += advance(book, episodes, day, score=float(score), silence=0.0)[0]
    assert [step for step in told if "opened" in step] == ["low opened"] * 2
    assert Episode._make(episodes["low"]).number == 2


def test_a_play_is_only_for_the_stages_and_segments_that_it_names() -> None:
    book = playbook(QUIET + ", applies_to: {stage: [adopt], segment: [smb]}")
    episodes = dict[str, tuple[Any, ...]]()
    assert advance(book, episodes, 0, silence=30.0, stage="adopt", segment="mid")[0] == []
    assert advance(book, episodes, 0, silence=30.0, stage="realize", segment="smb")[0] == []
    assert advance(book, episodes, 0, silence=30.0)[0] == []
    assert advance(book, episodes, 0, silence=30.0, stage="adopt", segment="smb")[0] == [
        "quiet condition_met",
        "quiet opened",
    ]
    assert advance(book, episodes, 1, silence=31.0, stage="realize", segment="smb")[0] == ["quiet withdrawn"]
    assert advance(book, episodes, 9, silence=39.0, stage="realize", segment="smb")[0] == ["quiet cooled"]


def test_an_episode_of_a_removed_play_is_closed_and_its_number_goes_on_when_the_play_returns() -> None:
    both, one = playbook(LOW, QUIET), playbook(LOW)
    episodes = dict[str, tuple[Any, ...]]()
    advance(both, episodes, 0, silence=30.0, score=50.0)
    assert advance(one, episodes, 1, score=50.0)[0] == ["quiet withdrawn"]
    assert advance(one, episodes, 2, score=50.0)[0] == []
    assert advance(both, episodes, 3, silence=33.0, score=50.0)[0] == [
        "quiet cooled",
        "quiet condition_met",
        "quiet opened",
    ]
    assert Episode._make(episodes["quiet"]).number == 2


def test_a_removed_plays_dwell_leaves_nothing_behind() -> None:
    episodes = dict[str, tuple[Any, ...]]()
    advance(playbook(LOW), episodes, 0, score=30.0)
    assert advance(playbook(QUIET), episodes, 1, silence=0.0)[0] == ["low withdrawn"]
    assert episodes == {}


def test_a_bounded_number_of_removed_plays_is_remembered_the_newest() -> None:
    count = RETIRED_EPISODES_MAX + 10
    old = {f"old_{n}": tuple(Episode(f"old_{n}", 1, "closed", "recovered", float(n))) for n in range(count)}
    playbook(LOW).advance({"score": 50.0}, old, 1e9)
    assert set(old) == {f"old_{n}" for n in range(10, count)}


def test_in_the_dark_nothing_opens_and_what_waits_is_looked_at_again_within_the_hour() -> None:
    book, episodes = playbook(QUIET), dict[str, tuple[Any, ...]]()
    assert advance(book, episodes, 0, dark=True, silence=1.0) == ([], float("inf"))
    moved, due = advance(book, episodes, 1, dark=True, silence=30.0)
    assert (moved, due) == ([], 1 + HELD_AGAIN_S / DAY)
    advance(book, episodes, 2, silence=31.0)
    _, due = advance(book, episodes, 3, dark=True, silence=0.0)
    assert due == 3 + HELD_AGAIN_S / DAY
    assert advance(book, episodes, 4, silence=0.0)[0] == ["quiet clearing", "quiet recovered"]


def test_in_the_dark_a_play_that_is_not_for_the_account_waits_for_nothing() -> None:
    book = playbook(QUIET + ", applies_to: {stage: [adopt]}")
    assert advance(book, {}, 1, dark=True, silence=30.0, stage="realize") == ([], float("inf"))


def test_a_deadline_is_always_ahead_even_in_the_dark() -> None:
    book, episodes = playbook(LOW, QUIET + ", expire_after: 10d"), dict[str, tuple[Any, ...]]()
    for hour in range(0, 24 * 60, 7):
        day = hour / 24
        _, due = advance(book, episodes, day, dark=hour % 5 == 0, score=30.0, silence=30.0)
        assert due > day


def test_people_are_heard_by_trigger_id_or_by_play() -> None:
    book, episodes = playbook(QUIET), dict[str, tuple[Any, ...]]()
    advance(book, episodes, 0, silence=30.0)
    stale = {"trigger_id": trigger_id("acme", "quiet", 7), "play": "quiet"}
    assert book.feedback("acme", episodes, "play_done", stale, DAY) == ()
    assert book.feedback("acme", episodes, "play_done", {"play": "low"}, DAY) == ()
    assert book.feedback("acme", episodes, "play_done", {}, DAY) == ()
    named = {"trigger_id": trigger_id("acme", "quiet", 1), "feedback": "useful"}
    assert [move.reason for move in book.feedback("acme", episodes, "play_done", named, DAY)] == ["done"]
    assert Episode._make(episodes["quiet"]).feedback == "useful"
    assert [m.reason for m in book.feedback("acme", episodes, "play_dismissed", {"play": "quiet"}, DAY)] == [
        "dismissed"
    ]


def test_feedback_of_a_removed_play_is_ignored() -> None:
    episodes = dict[str, tuple[Any, ...]]()
    advance(playbook(QUIET), episodes, 0, silence=30.0)
    assert playbook(LOW).feedback("acme", episodes, "play_done", {"play": "quiet"}, DAY) == ()


@pytest.mark.parametrize(
    ("values", "rates", "days"),
    [
        ({"metrics.silence": 1.0}, {"metrics.silence": 1.0}, 20.0),
        ({"metrics.silence": 21.0}, {"metrics.silence": 1.0}, float("inf")),
        ({"metrics.silence": 1.0}, {"metrics.silence": 0.0}, float("inf")),
        ({"metrics.silence": 1.0}, {}, float("inf")),
        ({}, {"metrics.silence": 1.0}, float("inf")),
        ({"score": 50.0}, {"score": -0.5}, 20.0),
        ({"metrics.silence": 1.0, "score": 41.0}, {"metrics.silence": 1.0, "score": -1.0}, 1.0),
        ({"metrics.silence": 1.0, "metrics.renewal_days": 9.0}, {"metrics.renewal_days": -1.0}, float("inf")),
    ],
)
def test_the_next_crossing_is_when_time_alone_changes_a_comparison(
    values: dict[str, float], rates: dict[str, float], days: float
) -> None:
    at = 1_700_000_000.0
    assert playbook(LOW, QUIET).next_crossing(values, rates, at) == pytest.approx(at + days * DAY, abs=0.002)


def test_of_two_crossings_a_moment_apart_the_first_counts_whichever_is_asked_first() -> None:
    at, book = 1_700_000_000.0, playbook(LOW, QUIET)
    values = {"metrics.silence": 20.0, "score": 41.0}
    for silence, score in ((1.0, -1.000002), (1.000002, -1.0)):
        for rates in ({"metrics.silence": silence, "score": score}, {"score": score, "metrics.silence": silence}):
            assert book.next_crossing(values, rates, at) < at + DAY - 0.1


def test_the_numbers_that_conditions_compare_a_name_with_are_known() -> None:
    book = playbook(LOW + ", clear_when: score >= 55.0", QUIET)
    assert [round(bound, 9) for bound in book.bounds("score")] == [40.0, 55.0]
    assert book.bounds("metrics.renewal_days") == ()
    assert book.time_names == {"score", "metrics.silence"}
    assert book.names == {"score", "metrics.silence"}
