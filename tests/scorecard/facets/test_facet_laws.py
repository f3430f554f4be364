"""What must hold of facets whatever happened: any order of events, and sums over any partition into cohorts."""

from collections.abc import Sequence
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.facets.facet import Known
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.facets.facets import Facets
from scorecard.facets.joining import BY_ACCOUNT, joined, numbers
from scorecard.period import Period
from scoring.days import DAY
from scoring.event import Event
from tests.scorecard.facets.said import agreed, facets, said, used

FIRST = 20_454  # 2026-01-01
USERS = ("ann", "bob", "cyd", None)
PERIODS = [
    Period.parse(text) for text in ("2025-12", "2026-01", "2026-Q1", "2026-02-03..2026-03-09", "2026", "2026-W07")
]

AGREED = agreed(
    activation={
        "within": "30d",
        "all_of": [{"events": ["activation_step"]}, {"stream": "usage", "where": {"feature": "board"}}],
    },
    journey={"stages": {"onboard": {"within": "20d"}, "adopt": {"within": "60d"}, "expand": {}}},
    success_plans={"expected": {"segment": ["enterprise"]}},
)

NAMES = {
    "usage": (
        "feature_used", "Report Shared", "session_started", "activation_step", "value_milestone", "account_created",
    ),
    "cs": (
        "nps_answered", "csat_answered", "campaign_launched", "success_plan_created", "success_plan_closed", "qbr_due",
        "qbr_scheduled", "qbr_completed", "ticket_opened", "ticket_resolved", "journey_stage_changed",
        "programme_joined", "programme_left",
    ),
    "advocacy": (
        "review_posted", "reference_agreed", "reference_used", "reference_withdrawn", "referral_made",
        "referral_pipeline_opened", "referral_won", "touchpoint",
    ),
    "accounts": ("group",),
    "revenue": ("subscription_started", "subscription_expanded"),
}  # fmt: skip
KINDS = [(stream, name) for stream, names in NAMES.items() for name in names]


@st.composite
def events(draw: st.DrawFn, account: str = "acme") -> list[Event]:
    """Some months of an account: everything that facets read, and some that they do not."""
    made = []
    for number in range(draw(st.integers(0, 40))):
        stream, name = draw(st.sampled_from(KINDS))
        at = (FIRST + draw(st.integers(-40, 100))) * DAY + draw(st.sampled_from((0.0, 1.5, 40_000.0, 86_399.9)))
        item = draw(st.sampled_from(("a", "b", None, 7)))
        due = date.fromordinal(719_163 + FIRST + draw(st.integers(-20, 100))).isoformat()
        properties = {
            "feature": draw(st.sampled_from(("board", "chart", None))),
            "role": draw(st.sampled_from(("admin", "maker", None))),
            "score": draw(st.sampled_from((0, 3, 4, 5, 9, 10, "9", None))),
            "stage": draw(st.sampled_from(("Onboard", "adopt", "expand"))),
            "ticket_id": item, "qbr_id": item, "plan_id": item, "campaign": item, "programme": item, "person": item,
            "due_at": draw(st.sampled_from((due, None))), "amount": draw(st.sampled_from((10, 2.5, None))),
            "start_date": due,
        }  # fmt: skip
        made.append(
            Event(account, stream, name, at, at, f"{account}-{number}", draw(st.sampled_from(USERS)), properties)
        )
    return made


@st.composite
def steps(draw: st.DrawFn, account: str) -> list[Event]:
    """Some months of an account's journey."""
    return [
        event.replace(name="journey_stage_changed", stream="cs", message_id=f"{event.message_id}/step")
        for event in draw(events(account))[:12]
    ]


def taken(some: Sequence[Event]) -> Facets:
    found = Facets(AGREED)
    for event in some:
        found.take(event)
    return found


KNOWN = st.builds(
    Known,
    st.fixed_dictionaries({"segment": st.sampled_from(("enterprise", "smb")), "seats": st.sampled_from((5, "x"))}),
    st.booleans(),
)


@given(st.data())
def test_facets_are_the_same_whatever_the_order_of_events(data: st.DataObject) -> None:
    """A1-A6, H2-H6, O1-O5, L1"""
    some = data.draw(events())
    known = data.draw(KNOWN)
    until = date.fromordinal(719_163 + FIRST + data.draw(st.integers(-10, 120)))
    first, other = taken(some), taken(data.draw(st.permutations(some)))
    for period in PERIODS:
        assert first.sheet(period, known, until=until) == other.sheet(period, known, until=until)


@given(st.data())
def test_packing_at_any_moment_changes_nothing(data: st.DataObject) -> None:
    some = data.draw(events())
    place = data.draw(st.integers(0, len(some)))
    resumed = Facets.unpack(AGREED, taken(some[:place]).pack())
    for event in some[place:]:
        resumed.take(event)
    assert [resumed.sheet(period) for period in PERIODS] == [taken(some).sheet(period) for period in PERIODS]


@given(st.data(), events())
def test_what_is_sent_again_counts_once_though_its_time_was_put_right(data: st.DataObject, some: list[Event]) -> None:
    """H2-H6, O1-O5: by message, as everywhere; usage looks at the newest messages."""
    again = data.draw(st.lists(st.sampled_from(some), max_size=5)) if some else []
    shifted = [one.replace(at=one.at + 0.25) for one in again if one.stream in ("cs", "advocacy")]
    assert taken([*some, *shifted, *again]).pack()[2] == taken(some).pack()[2]


@settings(max_examples=50)
@given(st.data())
def test_a_partition_into_cohorts_adds_up_to_the_whole(data: st.DataObject) -> None:
    """A1-A6, H2-H6, O1-O5, L1: whoever is in which cohort, their sums are the sum of all; one less leaves the rest."""
    period = data.draw(st.sampled_from(PERIODS))
    sheets = [taken(data.draw(events(f"account-{n}"))).sheet(period) for n in range(data.draw(st.integers(1, 6)))]
    cohorts: dict[str, list[FacetSheet]] = {}
    for sheet in sheets:
        cohorts.setdefault(data.draw(st.sampled_from("abc")), []).append(sheet)
    whole = FacetSheet.total(sheets)
    assert FacetSheet.total(FacetSheet.total(some) for some in cohorts.values()) == whole
    assert whole - sheets[0] == FacetSheet.total(sheets[1:])


@settings(max_examples=60)
@given(st.data())
def test_accounts_that_are_one_come_to_what_all_their_events_would_of_one_account(data: st.DataObject) -> None:
    """A1-A6, H2-H6, O1-O3, L1 of merged accounts: people count once, and the entity does."""
    leads, known = data.draw(st.booleans()), data.draw(KNOWN)
    members = [
        [
            event if leads and not n else _undeclared(event)
            for event in data.draw(events(f"account-{n}"))
            if event.at >= (FIRST + 1) * DAY  # all of their days are kept
        ]
        for n in range(3)
    ]
    together = joined(AGREED, [taken(some) for some in members], leads=leads)
    one = taken(
        [_of_one(event, n) for n, some in zip(numbers(members, leads=leads), members, strict=True) for event in some]
    )
    for period in PERIODS:
        assert together.sheet(period, known) == one.sheet(period, known)


@settings(max_examples=60)
@given(st.data())
def test_accounts_that_are_one_took_the_steps_that_each_of_them_took(data: st.DataObject) -> None:
    """O4, O5 of merged accounts: each step is as much in time as it was; who was merged owes none any more. The entity
    is in one stage, its own where it has one.
    """
    leads, known = data.draw(st.booleans()), data.draw(KNOWN)
    members = [taken(data.draw(steps(f"account-{n}"))) for n in range(data.draw(st.integers(1, 3)))]
    numbered = dict(zip(numbers(members, leads=leads), members, strict=True))
    ended = data.draw(st.sets(st.sampled_from([1, 2, 3])))
    together = joined(AGREED, members, leads=leads)
    for period in PERIODS:
        alone = [
            one.sheet(period, known._replace(active=known.active and n not in ended)) for n, one in numbered.items()
        ]
        sheet = together.sheet(period, known._replace(ended=ended))
        for name in ("stages/due", "stages/on_time"):
            assert sheet[name] == sum(one[name] for one in alone)
        assert {stage for stage, _ in sheet.under("stage_entered")} == {
            stage for one in alone for stage, _ in one.under("stage_entered")
        }
        there = dict(sheet.under("stage_accounts"))
        assert sum(there.values()) <= int(known.active)
        if leads and (own := dict(alone[0].under("stage_accounts"))) and "(none)" not in own:
            assert there == own


def _undeclared(event: Event) -> Event:
    """The event without a date of start: who stands for the others says when the entity started. Nor is it a step of
    its own journey, which would be no other's.
    """
    given = {name: value for name, value in event.properties.items() if name != "start_date"}
    return event.replace(name=event.name.replace("journey_stage_changed", "outreach_logged"), properties=given)


def _of_one(event: Event, number: int) -> Event:
    """The event as one of the account that stands for all: what is of one account is told apart by its number."""
    key = next((key for key, facet in AGREED.facets.items() if event.name in facet.names), "")
    named = {"plans": "plan_id", "qbrs": "qbr_id", "tickets": "ticket_id", "programmes": "programme"}
    given = dict(event.properties)
    if key in BY_ACCOUNT and (key != "tickets" or isinstance(given["ticket_id"], str)):
        said = given[named[key]]
        given[named[key]] = f"{number}:{said if isinstance(said, str) else ''}"
    if key == "references" and not isinstance(given["person"], str) and event.user_id is None:
        given["person"] = f"{number}:"
    return event.replace(properties=given)


def test_merged_accounts_start_when_the_one_that_stays_says_else_with_the_first() -> None:
    """A1"""
    first, second = (
        [said(start, "group", start_date=start), said(start, "account_created"), said(value, "value_milestone")]
        for start, value in (("2026-01-10", "2026-01-20"), ("2026-01-15", "2026-01-25"))
    )
    unsaid = [said("2026-01-15", "outreach_logged")]
    for leader, days in ((second, "5"), (unsaid, "10")):
        sheet = joined(agreed(), [facets(*leader), facets(*first)]).sheet(Period.parse("2026-01"))
        assert [*sheet.under("ttfv_reached")] == [(days, 1)]


def test_what_one_of_merged_accounts_keeps_by_month_alone_is_not_told_by_day_of_both() -> None:
    """A3: a day of which one account knows the features and the other does not is told of neither."""
    old, new = (
        [used("2026-01-05", "ann", "board", account=name), used(last, "ann", "board", account=name)]
        for name, last in (("a", "2026-01-06"), ("b", "2026-06-01"))
    )
    together, day = joined(agreed(), [facets(*old), facets(*new)]), Period.parse("2026-01-05")
    assert facets(*old).sheet(day)["usage/told"] == 1
    assert (together.sheet(day)["usage/accounts"], together.sheet(day)["usage/told"]) == (1, 0)
    january = together.sheet(Period.parse("2026-01"))
    assert (january["usage/users"], january["usage/events"], january["feature_accounts/board"]) == (1, 3, 1)


@given(st.data())
def test_no_part_is_more_than_its_whole(data: st.DataObject) -> None:
    sheet = taken(data.draw(events())).sheet(data.draw(st.sampled_from(PERIODS)), data.draw(KNOWN))
    for part, whole in (
        ("activation/met", "activation/due"), ("usage/regular", "usage/regular_of"), ("csat/top_two", "csat/n"),
        ("references/available", "references/pool"), ("plans/met", "plans/due"), ("qbrs/on_time", "qbrs/held"),
        ("qbrs/held", "qbrs/due"), ("tickets/on_time", "tickets/due"), ("stages/on_time", "stages/due"),
        ("sign_shown/engaged", "sign_told/engaged"), ("usage/told", "usage/accounts"),
    ):  # fmt: skip
        assert 0 <= sheet[part] <= sheet[whole]
    assert sheet["nps/promoters"] + sheet["nps/detractors"] <= sheet["nps/n"]
    assert all(count > 0 for count in sheet.counts.values())
