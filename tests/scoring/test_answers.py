"""NPS, CSAT and newest values; every number is worked by hand."""

import itertools

import pytest

from scoring.cells.newest import PEOPLE_MAX
from scoring.event import Event
from tests.scoring.histories import event, read, traits

NPS = "kind: answers, events: [nps_answered], combine: nps, window: 365d"
CSAT = "kind: answers, events: [csat_answered], combine: top_two, low: 1, high: 5, window: 180d"


def answers(name: str, *scores: object, day: float = 1.0) -> list[Event]:
    """One answer of each of so many people."""
    return [event(name, day, stream="cs", user=f"user-{n}", score=score) for n, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("scores", "nps"),
    [
        ((10, 9), 100.0),
        ((6, 0), -100.0),
        ((8, 7), 0.0),  # passives: 100 (0 - 0) / 2
        ((10, 9, 8, 7, 6, 0), 0.0),  # 100 (2 - 2) / 6
        ((10, 9, 8, 3), 25.0),  # 100 (2 - 1) / 4
        ((9, 6, 6), -100 / 3),  # 100 (1 - 2) / 3
        ((9,), 100.0),
        ((8.5,), 0.0),  # above the passives' 8 and under the promoters' 9
    ],
)
def test_nps_is_promoters_less_detractors_in_percent(scores: tuple[float, ...], nps: float) -> None:
    """H2"""
    assert read(NPS, answers("nps_answered", *scores), 2.0) == pytest.approx(nps, abs=1e-12)


def test_nps_is_missing_when_nobody_answered() -> None:
    """H2: null at n = 0"""
    assert read(NPS, [], 2.0) is None
    assert read(NPS, answers("csat_answered", 5), 2.0) is None


def test_what_is_no_answer_is_not_counted() -> None:
    """H2"""
    scores = (11, -1, "9", True, None, 10.5)
    assert read(NPS, answers("nps_answered", *scores), 2.0) is None
    assert read(NPS, answers("nps_answered", *scores, 0, 10, 10), 2.0) == pytest.approx(100 / 3, abs=1e-12)


def test_the_newest_answer_of_each_person_counts_in_whatever_order_they_arrive() -> None:
    """H2"""
    history = [
        event("nps_answered", 1.0, stream="cs", user="ann", score=3, arrives=9.0),
        event("nps_answered", 5.0, stream="cs", user="ann", score=9, arrives=9.0),
        event("nps_answered", 2.0, stream="cs", user="bob", score=7, arrives=9.0),
    ]
    for order in itertools.permutations(history):
        assert read(NPS, order, 9.5) == 50.0  # ann promotes, bob is passive: 100 (1 - 0) / 2


def test_two_answers_of_the_same_instant_are_settled_the_same_way_in_either_order() -> None:
    """H2"""
    history = [
        event("nps_answered", 1.0, stream="cs", user="ann", score=score, message_id=f"m-{score}")
        for score in (0, 8, 10)
    ]
    found = {read(NPS, order, 2.0) for order in itertools.permutations(history)}
    assert len(found) == 1


@pytest.mark.parametrize(("day", "nps"), [(366.0, 0.0), (366.5, 100.0), (370.99, 100.0), (371.0, None)])
def test_an_answer_is_stale_once_it_is_as_old_as_the_window(day: float, nps: float | None) -> None:
    """H2: ann detracts at 1.5, bob promotes at day 6"""
    history = [
        event("nps_answered", 1.5, stream="cs", user="ann", score=0),
        event("nps_answered", 6.0, stream="cs", user="bob", score=10),
    ]
    assert read(NPS, history, day) == nps


def test_answers_that_name_nobody_are_one_person() -> None:
    """H2"""
    history = [event("nps_answered", day, stream="cs", score=score) for day, score in ((1.0, 0), (2.0, 0), (3.0, 10))]
    assert read(NPS, history, 4.0) == 100.0


def test_the_newest_128_people_are_kept() -> None:
    """H2"""
    history = [event("nps_answered", 1.0 + n / 1_000, stream="cs", user=f"u{n}", score=0) for n in range(10)]
    history += [event("nps_answered", 2.0, stream="cs", user=f"v{n}", score=10) for n in range(PEOPLE_MAX)]
    assert read(NPS, history, 3.0) == 100.0
    assert read(NPS, reversed(history), 3.0) == 100.0


@pytest.mark.parametrize(
    ("scores", "share"),
    [((5, 4), 1.0), ((3, 2, 1), 0.0), ((5, 4, 3, 2), 0.5), ((4, 1, 1), 1 / 3), ((5, 0, 6), 1.0)],  # 0 and 6: no answers
)
def test_csat_is_the_share_of_the_top_two_of_five(scores: tuple[int, ...], share: float) -> None:
    """H3"""
    assert read(CSAT, answers("csat_answered", *scores), 2.0) == pytest.approx(share, abs=1e-12)


def test_csat_answers_expire_and_are_missing_then() -> None:
    """H3"""
    assert read(CSAT, answers("csat_answered", 5), 180.9) == 1.0
    assert read(CSAT, answers("csat_answered", 5), 181.0) is None


def test_a_mean_is_that_of_the_newest_per_whatever_the_metric_names() -> None:
    by = "kind: answers, events: [rated], property: stars, per: product, low: 0, high: 5, window: 30d"
    rated = ((1.0, "a", 1), (2.0, "a", 5), (2.0, "b", 2), (3.0, "b", 9))  # 9 is out of range
    history = [event("rated", day, product=product, stars=stars) for day, product, stars in rated]
    assert read(by, history, 4.0) == 3.5  # (5 + 2) / 2


# --- latest ----------------------------------------------------------------------------------------------------------

SEATS = "kind: latest, trait: seats"


def test_the_newest_value_of_a_trait_holds_whichever_arrives_last() -> None:
    older, newer = traits(1.0, seats=10), traits(2.0, seats=25)
    assert read(SEATS, [older, newer], 3.0) == 25
    assert read(SEATS, [newer, older], 3.0) == 25


@pytest.mark.parametrize("value", ["25", True, None, [25], {"n": 25}])
def test_a_trait_that_is_no_number_is_missing(value: object) -> None:
    assert read(SEATS, [traits(1.0, seats=value)], 3.0) is None


def test_a_trait_that_comes_without_a_value_keeps_what_was_known() -> None:
    assert read(SEATS, [traits(1.0, seats=25), traits(2.0, seats=None), traits(3.0, plan="pro")], 4.0) == 25


def test_a_trait_that_turned_into_text_is_missing() -> None:
    assert read(SEATS, [traits(1.0, seats=25), traits(2.0, seats="many")], 4.0) is None


@pytest.mark.parametrize(("day", "value"), [(31.0, 7.0), (31.01, None)])
def test_a_value_older_than_its_maximal_age_is_missing(day: float, value: float | None) -> None:
    by = "kind: latest, events: [measured], property: load, max_age: 30d"
    assert read(by, [event("measured", 1.0, load=7)], day) == value
    assert read("kind: latest, trait: seats, max_age: 30d", [traits(1.0, seats=7)], day) == value


def test_the_newest_event_that_carries_the_property_is_the_one_that_counts() -> None:
    by = "kind: latest, events: [measured], property: load"
    history = [event("measured", 1.0, load=7), event("measured", 2.0, load=9), event("measured", 3.0)]
    assert read(by, history, 300.0) == 9
    assert read(by, [event("other", 1.0, load=7)], 2.0) is None
