"""What was reported then, cohorts and families included, whatever was said since."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from scorecard.model.database import Database
from scorecard.model.model import Model
from scorecard.model.tables import periods
from scorecard.period import Period
from tests.scorecard.model.stories import TERMS, changed, described, ended, instant, started, touched

Q2 = Period.parse("2026-Q2")
REPORTED = instant("2026-07-02")

STORY = [
    described("acme", "2025-06-01", segment="smb"), described("bolt", "2025-06-01", segment="enterprise"),
    described("cord", "2025-06-01", segment="smb"),
    started("acme", "2025-07-01", 700), started("bolt", "2025-08-01", 5000), started("cord", "2026-02-10", 300),
    changed("acme", "2026-05-01", 1500), ended("cord", "2026-06-20"), described("bolt", "2026-07-02", plan="a"),
]  # fmt: skip


@pytest.fixture
def told(new_database: Callable[[], Database]) -> Model:
    model = Model(new_database(), TERMS)
    model.take(STORY, {})
    return model


def by_segment(model: Model, known_at: float | None = None) -> dict[str, tuple[int, int]]:
    """R3: numerator and denominator."""
    return {cohort: (one.end, one.start) for (cohort,), one in model.sheet(Q2, ("segment",), known_at).items()}


def test_a_trait_that_was_said_late_is_not_in_what_was_reported_before(told: Model) -> None:
    """R3"""
    reported = by_segment(told)
    assert reported == {"smb": (1500_00, 1000_00), "enterprise": (5000_00, 5000_00)}
    told.take([described("acme", "2026-01-01", arrived="2026-07-10", segment="enterprise")], {})
    assert by_segment(told) == {"smb": (0, 300_00), "enterprise": (6500_00, 5700_00)}
    assert by_segment(told, REPORTED) == reported


def test_a_merge_that_was_said_late_is_not_in_what_was_reported_before(told: Model) -> None:
    """R1, R3: the account that was merged had churned, and so was not kept."""
    reported = told.sheet(Q2)[()], by_segment(told)
    told.take([described("cord", "2026-07-09", merged_into="bolt")], {})
    assert (told.sheet(Q2)[()].n_churned, reported[0].n_churned) == (0, 1)
    assert by_segment(told) == {"smb": (1500_00, 700_00), "enterprise": (5000_00, 5300_00)}
    assert (told.sheet(Q2, (), REPORTED)[()], by_segment(told, REPORTED)) == reported
    churned = [(one.entity, one.movement.kind) for one in told.movements(Q2, account_id="cord").rows]
    assert churned == [("bolt", "contraction")]
    then = [(one.entity, one.movement.kind) for one in told.movements(Q2, account_id="cord", known_at=REPORTED).rows]
    assert then == [("cord", "churn")]


def test_a_leader_of_which_nothing_had_come_tells_nothing_of_the_cohort(told: Model) -> None:
    """The first that is known of the family does, as it did then."""
    told.take([described("acme", "2026-07-03", merged_into="group"), described("bolt", "2026-07-04", plan="a")], {})
    then, reported = instant("2026-07-03"), by_segment(told)
    told.take([touched("group", "2026-07-09", "academy"), described("bolt", "2026-07-10", plan="b")], {})
    assert by_segment(told)["(none)"] == (1500_00, 700_00), "the account that stands for it now has no segment"
    assert by_segment(told, then) == reported


def test_what_arrived_by_then_and_is_taken_later_belongs_to_what_was_known(
    new_database: Callable[[], Database],
) -> None:
    """Partitions of one topic are not read in step."""
    database = new_database()
    model = Model(database, TERMS)
    model.take(STORY, {})
    known_at = instant("2026-07-01")
    assert model.sheet(Q2, (), known_at)[()].end == 6500_00
    model.take([changed("bolt", "2026-05-05", 5500, arrived="2026-07-02")], {})
    assert _kept(database) == 1, "what arrives later leaves it as it is"
    model.take([changed("bolt", "2026-05-03", 5400, arrived="2026-06-30")], {})
    assert _kept(database) == 0, "it is made anew when somebody asks again"
    # a posting is never known before that of the event before, so the late one is known since 2026-07-02
    assert model.sheet(Q2, (), known_at)[()] == model.sheet(Q2, (), instant("2026-06-30"))[()]


def _kept(database: Database) -> int:
    with database.reading() as connection:
        return len(connection.execute(select(periods.c.id)).all())


def test_what_was_said_then_is_known_although_a_limit_has_let_it_go_since(
    new_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scorecard.traits.STATEMENTS_MAX", 2)
    model = Model(new_database(), TERMS)
    model.take([started("a", "2026-01-01", 100), described("a", "2026-01-01", segment="s1")], {})
    model.take([described("a", f"2026-07-0{number}", segment=f"s{number}") for number in (2, 3)], {})
    assert [*model.sheet(Q2, ("segment",))] == [("(none)",)]
    assert [*model.sheet(Q2, ("segment",), instant("2026-07-02"))] == [("s1",)]


def test_a_merge_that_was_taken_back_late_is_in_what_was_reported_before(told: Model) -> None:
    """R1, R3: an empty text takes it back; at the instant before it the two were one, and after it they are two."""
    told.take([described("cord", "2026-06-25", merged_into="bolt")], {})
    merged = by_segment(told)
    told.take([described("cord", "2026-07-09", merged_into="")], {})
    apart = by_segment(told)
    assert merged != apart
    assert by_segment(told, REPORTED) == merged
    assert by_segment(told, instant("2026-07-10")) == apart
