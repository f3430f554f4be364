"""What must hold of facets whatever happened: any order of events, and sums over any partition into cohorts."""

from collections.abc import Sequence
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.facets.facet import Known
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.facets.facets import Facets
from scorecard.period import Period
from scoring.days import DAY
from scoring.event import Event
from tests.scorecard.facets.said import agreed

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
