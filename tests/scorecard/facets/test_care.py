"""O1 to O5 and L1: hand-worked campaigns, plans, reviews, tickets, stages and signs."""

from fractions import Fraction

from scorecard.care import business_reviews, campaigns, journey, plan_coverage, service_levels, stages
from scorecard.facets.facet import Known
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.facets.joining import joined
from scorecard.leading import Outcome, foretold, leading
from scorecard.period import Period
from tests.scorecard.facets.said import agreed, day, facets, said, told, used

Q1 = Period.parse("2026-Q1")
LEFT = Known(active=False)


def test_o1_a_campaign_is_one_however_many_accounts_it_reached() -> None:
    """O1: two campaigns; spring reached both accounts, summer one: 2 of 3 accounts reached."""
    a = [
        said("2026-01-05", "campaign_launched", campaign="spring"),
        said("2026-02-05", "campaign_launched", campaign="summer"),
    ]
    b = [
        said("2026-01-05", "campaign_launched", campaign="spring"),
        said("2026-03-05", "campaign_launched", campaign="spring"),
    ]
    c = [said("2026-01-05", "outreach_logged")]
    launched, reach = campaigns(FacetSheet.total(facets(*events).sheet(Q1) for events in (a, b, c)))
    assert told(launched.value, reach.value) == (2, Fraction(2, 3))


def test_o2_plans_of_those_that_should_have_one() -> None:
    """O2, enterprise should: a has a live plan; b's is closed; c is small: in neither number; d has left. 1 of 2."""
    settings = {"success_plans": {"expected": {"segment": ["enterprise"]}}}
    made = said("2026-01-05", "success_plan_created", plan_id="p")
    closed = said("2026-02-05", "success_plan_closed", plan_id="p")
    large, small = Known({"segment": "enterprise"}), Known({"segment": "smb"})
    cohort = FacetSheet.total([
        facets(made, **settings).sheet(Q1, large), facets(made, closed, **settings).sheet(Q1, large),
        facets(made, **settings).sheet(Q1, small), facets(**settings).sheet(Q1, large._replace(active=False)),
    ])  # fmt: skip
    found = plan_coverage(cohort)
    assert told(found.value, found.denominator) == (Fraction(1, 2), 2)
    assert cohort["plans/live"] == 2


def test_o3_reviews_due_in_the_period_and_held_in_time() -> None:
    """O3. r1: due 10 February, held that day: in time. r2: due 10 February, held on the 11th: late. r3: moved from 10
    to 20 February before it was due, held on the 15th: in time. r4: moved after its day had passed, which does not
    count: late. r5: due in April. 2 of 4 in time, all 4 held."""
    events = [
        said("2026-01-20", "qbr_due", qbr_id="r1", due_at="2026-02-10"),
        said("2026-02-10", "qbr_completed", qbr_id="r1", hour=20),
        said("2026-01-20", "qbr_due", qbr_id="r2", due_at="2026-02-10"),
        said("2026-02-11", "qbr_completed", qbr_id="r2"),
        said("2026-01-20", "qbr_due", qbr_id="r3", due_at="2026-02-10"),
        said("2026-02-01", "qbr_scheduled", qbr_id="r3", due_at="2026-02-20"),
        said("2026-02-15", "qbr_completed", qbr_id="r3"),
        said("2026-01-20", "qbr_due", qbr_id="r4", due_at="2026-02-10"),
        said("2026-02-12", "qbr_scheduled", qbr_id="r4", due_at="2026-02-20"),
        said("2026-02-18", "qbr_completed", qbr_id="r4"),
        said("2026-01-20", "qbr_due", qbr_id="r5", due_at="2026-04-10"),
    ]
    in_time, held = business_reviews(facets(*events).sheet(Q1))
    assert told(in_time.value, held.value, held.denominator) == (Fraction(1, 2), 1, 4)


def test_o4_tickets_within_their_service_level_and_what_is_still_open_is_missed() -> None:
    """O4. t1: in time; t2: an hour late; t3: open past its time; t4: no time agreed; t5: its time is not over on
    1 March. 1 of 3."""
    events = [
        said("2026-01-05", "ticket_opened", ticket_id="t1", due_at="2026-01-06T09:00:00Z"),
        said("2026-01-06", "ticket_resolved", ticket_id="t1", hour=9),
        said("2026-01-05", "ticket_opened", ticket_id="t2", due_at="2026-01-06T09:00:00Z"),
        said("2026-01-06", "ticket_resolved", ticket_id="t2", hour=10),
        said("2026-01-05", "ticket_opened", ticket_id="t3", due_at="2026-01-07T09:00:00Z"),
        said("2026-01-05", "ticket_opened", ticket_id="t4"),
        said("2026-02-27", "ticket_opened", ticket_id="t5", due_at="2026-03-02T09:00:00Z"),
    ]
    both, tickets, moves = service_levels(facets(*events).sheet(Q1, until=day("2026-03-01")))
    assert told(tickets.value, tickets.denominator) == (Fraction(1, 3), 3)
    assert both.value == tickets.value
    assert moves.value is None


def test_o4_and_o5_stages() -> None:
    """O4, onboard within 45 days. a: onboard 1 January, adopt on 10 February (day 40): in time; b: onboard 1 January,
    still there on 1 April: due on 15 February, missed; c: never said, by its trait it realizes; d: onboard, and left.
    O5 on 1 April: adopt since 10 February: 50 days; onboard since 1 January: 90; realize without a date. (50 + 90) / 2.
    """
    settings = {"journey": {"stages": {"onboard": {"within": "45d"}, "adopt": {}, "realize": {}}}}
    begun = said("2026-01-01", "journey_stage_changed", stage="Onboard")
    again = said("2026-01-20", "journey_stage_changed", stage="onboard")
    went = said("2026-02-10", "journey_stage_changed", stage="adopt")
    cohort = FacetSheet.total(
        [
            facets(went, begun, again, **settings).sheet(Q1),
            facets(begun, **settings).sheet(Q1),
            facets(said("2026-01-02", "group"), **settings).sheet(Q1, Known({"stage": "Realize"})),
            facets(begun, **settings).sheet(Q1, LEFT),
        ]
    )
    _, _, moves = service_levels(cohort)
    assert told(moves.value, moves.denominator) == (Fraction(1, 2), 2)
    assert sorted(stages(cohort)) == [("adopt", 1, 50, 1), ("onboard", 1, 90, 3), ("realize", 1, 0, 0)]
    late, days = journey(cohort, ("onboard", "adopt", "realize"))
    assert told(late.value, days.value, days.denominator) == (Fraction(2, 3), 70, 2)


def test_o4_and_o5_steps_of_merged_accounts() -> None:
    """O4, onboard within 45 days, adopt within 40. old: onboard 1 January, adopt 10 February (day 40): in time; merged,
    so nobody waits for it to leave adopt. new: onboard 1 January, adopt 1 March (day 59): missed. Both were to leave
    onboard: 1 of 2. O5: new is in adopt since 1 March, 31 days; where new was never told a stage, old says.
    """
    settings = {"journey": {"stages": {"onboard": {"within": "45d"}, "adopt": {"within": "40d"}}}}
    old, new = (
        facets(
            said("2026-01-01", "journey_stage_changed", stage="onboard", account=name),
            said(went, "journey_stage_changed", stage="adopt", account=name),
            **settings,
        )
        for name, went in (("old", "2026-02-10"), ("new", "2026-03-01"))
    )
    untold = facets(said("2026-01-02", "group", account="untold"), **settings)
    one = joined(agreed(**settings), [new, old]).sheet(Q1, Known(ended={1}))
    _, _, moves = service_levels(one)
    assert told(moves.value, moves.denominator) == (Fraction(1, 2), 2)
    assert sorted(stages(one)) == [("adopt", 1, 31, 1), ("onboard", 0, 0, 1)]
    # had old not ended, it would have had to leave adopt on 22 March
    assert service_levels(joined(agreed(**settings), [new, old]).sheet(Q1))[2].denominator == 3
    for members, leads in (([untold, old], True), ([old], False)):
        other = joined(agreed(**settings), members, leads=leads).sheet(Q1, Known(ended={1}))
        assert sorted(stages(other)) == [("adopt", 1, 50, 1), ("onboard", 0, 0, 1)]


def test_l1_signs_of_those_of_which_they_can_be_told() -> None:
    """L1. a: value on day 10, three roles, joined a programme, a reference; b: value on day 50, one role, left the
    programme; c: started on 20 March, so of its time to value nothing can be told yet."""
    a = [
        said("2026-01-01", "account_created"),
        said("2026-01-11", "value_milestone", "ann"),
        said("2026-01-12", "programme_joined", programme="beta"),
        said("2026-01-12", "reference_agreed", "ann"),
        *(used("2026-01-05", f"u{role}", "board", role=role) for role in ("admin", "maker", "viewer")),
    ]
    b = [
        said("2026-01-01", "account_created"),
        said("2026-02-20", "value_milestone", "ann"),
        said("2026-01-12", "programme_joined", programme="beta"),
        said("2026-01-13", "programme_left", programme="beta"),
        used("2026-01-05", "ann", "board", role="admin"),
    ]
    c = [said("2026-03-20", "account_created"), said("2026-03-21", "touchpoint", "ann", kind="community")]
    roles, quick, engaged, reference = leading(FacetSheet.total(facets(*events).sheet(Q1) for events in (a, b, c)))
    assert told(roles.value, quick.value) == (Fraction(1, 3), Fraction(1, 2))
    assert told(engaged.value, reference.value) == (Fraction(2, 3), Fraction(1, 3))


def test_l1_how_well_a_sign_foretold() -> None:
    """L1: 9 of 10 with several roles were retained, 2 of 10 without; Fisher's exact test, two-sided: p = 0.0055."""
    seen = [({"multi_threaded": shown}, Outcome(retained, False)) for shown, retained, n in (
        (True, True, 9), (True, False, 1), (False, True, 2), (False, False, 8),
    ) for _ in range(n)]  # fmt: skip
    found = {(one.sign, one.outcome): one for one in foretold(seen)}
    one = found["multi_threaded", "retained"]
    assert (one.shown.value, one.hidden.value, round(one.p or 0, 4)) == (Fraction(9, 10), Fraction(1, 5), 0.0055)
    assert found["short_ttv", "retained"].p is None
