"""A1 and A2: hand-worked accounts, each with its arithmetic."""

from fractions import Fraction

from scorecard.adoption import activation, time_to_first_value
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.period import Period
from tests.scorecard.facets.said import day, facets, said, told, used

Q1 = Period.parse("2026-Q1")


def started(name: str, start: str, value: str | None) -> FacetSheet:
    events = [said(start, "account_created", account=name)]
    if value is not None:
        events.append(said(value, "value_milestone", "ann", account=name))
    return facets(*events).sheet(Q1)


def test_a1_accounts_that_are_not_there_yet_are_censored_and_not_dropped() -> None:
    """A1. Days to value 2, 4, 6, and one that has waited 80 days at the end of March.

    Survival after day 2: 3/4, after day 4: 2/4, after day 6: 1/4. Median: day 4, since 2/4 is at most one half. 75th
    percentile: day 6. Without the waiting one the median of 2, 4, 6 would be 4 as well, but the 75th percentile 6 of 3.
    """
    cohort = FacetSheet.total([
        started("a", "2026-01-05", "2026-01-07"),  # 2 days
        started("b", "2026-02-01", "2026-02-05"),  # 4 days
        started("c", "2026-01-20", "2026-01-26"),  # 6 days
        started("d", "2026-01-10", None),  # 1 April - 10 January = 81 days, still waiting
    ])  # fmt: skip
    median, p75 = time_to_first_value(cohort)
    assert told(median.value, p75.value) == (4, 6)
    assert told(median.numerator, median.denominator, median.n) == (3, 4, 4)
    assert cohort["ttfv_waiting/81"] == 1


def test_a1_says_why_there_is_no_median_when_less_than_half_are_there() -> None:
    """A1: one of four is there, so three quarters still wait: no median, and no guess."""
    cohort = FacetSheet.total(
        [started("a", "2026-01-05", "2026-01-07"), *(started(name, "2026-01-10", None) for name in "bcd")]
    )
    median, _ = time_to_first_value(cohort)
    assert median.value is None
    assert median.reason == "fewer than 50 % are there yet: 1 of 4"


def test_a1_an_account_that_waits_is_observed_only_until_what_is_known() -> None:
    """A1: on 1 February an account that started on 10 January has waited 22 days, not 81."""
    found = facets(said("2026-01-10", "account_created")).sheet(Q1, until=day("2026-02-01"))
    assert found["ttfv_waiting/22"] == 1


def test_a1_the_trait_start_date_wins_over_events_and_the_newest_statement_over_older_ones() -> None:
    """A1: started on 3 January by the newest statement, value on 9 January: 6 days."""
    events = [
        said("2026-01-08", "account_created"),
        said("2026-01-08", "group", start_date="2026-01-01"),
        said("2026-01-12", "group", start_date="2026-01-03"),
        said("2026-01-09", "value_milestone", "ann"),
    ]
    assert facets(*events).sheet(Q1)["ttfv_reached/6"] == 1
    assert facets(*reversed(events)).sheet(Q1)["ttfv_reached/6"] == 1


def test_a1_of_an_account_older_than_what_was_sent_of_it_nobody_knows() -> None:
    """A1: began in 2020, heard of for the first time in 2026: it neither waits nor got there in six years."""
    found = facets(said("2026-01-08", "group", start_date="2020-01-01"), said("2026-01-09", "value_milestone", "ann"))
    assert found.sheet(Period.parse("2020")) == FacetSheet()
    assert {name for name in found.sheet(Q1).counts if name.startswith(("ttfv", "activation"))} == set()
    assert found.sheet(Q1)["beginning/untold"] == 1


def test_a1_value_before_the_start_took_no_time() -> None:
    """A1: a pilot that reached value before the contract began: 0 days, not minus 5."""
    found = facets(
        said("2026-01-05", "value_milestone", "ann"), said("2026-01-10", "group", start_date="2026-01-10")
    ).sheet(Q1)
    assert found["ttfv_reached/0"] == 1


def test_a2_counts_accounts_whose_days_are_over_whatever_came_of_them() -> None:
    """A2, 30 days. a: 5 January + 30 = 4 February, activated on day 30 exactly; b: on day 31, too late; c: never;
    d: its days end in April, so it is not counted. 1 of 3."""
    settings = {
        "activation": {"within": "30d", "all_of": [{"events": ["activation_step"], "where": {"step": "go_live"}}]}
    }

    def account(name: str, start: str, live: str | None) -> FacetSheet:
        steps = [] if live is None else [said(live, "activation_step", "ann", account=name, step="go_live")]
        other = said(start, "activation_step", "ann", account=name, hour=10, step="invite_team")
        return facets(said(start, "account_created", account=name), other, *steps, **settings).sheet(Q1)

    cohort = FacetSheet.total([
        account("a", "2026-01-05", "2026-02-04"),
        account("b", "2026-01-05", "2026-02-05"),
        account("c", "2026-01-05", None),
        account("d", "2026-03-15", "2026-03-16"),
    ])  # fmt: skip
    found = activation(cohort)
    assert told(found.value, found.numerator, found.denominator) == (Fraction(1, 3), 1, 3)


def test_a2_every_condition_must_have_come_in_time() -> None:
    """A2: connected on day 2 and used on day 9: activated on day 9. With the use on day 40 it is not."""
    settings = {
        "activation": {
            "within": "30d",
            "all_of": [{"events": ["activation_step"]}, {"stream": "usage", "where": {"feature": "export"}}],
        }
    }
    begin = [said("2026-01-01", "account_created"), said("2026-01-03", "activation_step", "ann", step="connect")]
    assert facets(*begin, used("2026-01-10", "ann", "export"), **settings).sheet(Q1)["activation/met"] == 1
    late = facets(*begin, used("2026-02-10", "ann", "export"), **settings).sheet(Q1)
    assert (late["activation/due"], late["activation/met"]) == (1, 0)
