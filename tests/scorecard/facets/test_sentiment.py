"""H2 to H6: hand-worked answers, reviews, references and referrals."""

from fractions import Fraction

import pytest

from scorecard.facets.facet import Known
from scorecard.period import Period
from scorecard.sentiment import csat, nps, references, referrals, reviews
from tests.scorecard.facets.said import day, facets, said, told

Q1 = Period.parse("2026-Q1")


def test_h2_the_newest_answer_of_each_person_in_the_period_counts() -> None:
    """H2: ann 3, then 9: promoter; bob 6: detractor; cyd 8: passive; dan answered last year; nobody's 10 is not
    counted; eve's 11 is no answer. 100 (1 - 1) / 3 = 0."""
    found = nps(
        facets(
            said("2026-02-01", "nps_answered", "ann", score=9),
            said("2026-01-05", "nps_answered", "ann", score=3),
            said("2026-01-05", "nps_answered", "bob", score=6),
            said("2026-01-05", "nps_answered", "cyd", score=8),
            said("2025-12-31", "nps_answered", "dan", score=10),
            said("2026-01-05", "nps_answered", None, score=10),
            said("2026-01-05", "nps_answered", "eve", score=11),
            said("2026-01-05", "nps_answered", "fay", score=True),
        ).sheet(Q1)
    )
    assert told(found.value, found.numerator, found.n) == (0, 0, 3)


def test_h2_has_its_interval_and_no_value_at_n_0() -> None:
    """H2: 6 promoters, 2 detractors of 10. Adjusted: p = 6.75/13, d = 2.75/13, p - d = 4/13 = 0.3077;
    variance (9.5/13 - (4/13)^2) / 13 = 0.04893; 1.95996 x 0.22121 = 0.43356: from -12.6 to 74.1."""
    answers = [
        said("2026-01-05", "nps_answered", f"u{n}", score=score) for n, score in enumerate([9] * 6 + [8] * 2 + [0] * 2)
    ]
    found = nps(facets(*answers).sheet(Q1))
    assert found.value == 40
    assert told(found.low, found.high) == (pytest.approx(-12.59, abs=0.01), pytest.approx(74.13, abs=0.01))
    none = nps(facets().sheet(Q1))
    assert told(none.value, none.reason, none.n, none.low) == (None, "nobody answered in the period", 0, None)


def test_h3_top_two_of_five() -> None:
    """H3: 5, 4, 3 and 0 (no answer): 2 of 3. Wilson, n = 3: 0.208 to 0.939."""
    answers = [said("2026-01-05", "csat_answered", f"u{n}", score=score) for n, score in enumerate((5, 4, 3, 0))]
    found = csat(facets(*answers).sheet(Q1))
    assert found.value == Fraction(2, 3)
    assert told(found.low, found.high) == (pytest.approx(0.2077, abs=1e-4), pytest.approx(0.9385, abs=1e-4))


def test_h4_reviews_and_how_many_in_30_days() -> None:
    """H4: 3 reviews in the 90 days of the quarter: 1 in 30 days; the one of April is not in it."""
    posted = [
        said(on, "review_posted", "ann", site="g2") for on in ("2026-01-01", "2026-02-28", "2026-03-31", "2026-04-01")
    ]
    count, velocity = reviews(facets(*posted).sheet(Q1), 90)
    assert told(count.value, velocity.value) == (3, 1)


def test_h5_withdrawn_is_out_and_over_used_is_not_available() -> None:
    """H5, three uses in 90 days are too many. a: agreed before, used 3 times: in the pool, not available; b: agreed in
    February: available; c: agreed and withdrawn: out; d: withdrew, and agreed again: in. Start: a, c, d: 3; end 3."""
    a = [
        said("2025-11-01", "reference_agreed", "ann"),
        *(said(f"2026-02-0{n}", "reference_used", "ann") for n in (1, 2, 3)),
    ]
    b = [said("2026-02-01", "reference_agreed", "bob")]
    c = [said("2025-11-01", "reference_agreed", "cyd"), said("2026-03-01", "reference_withdrawn", "cyd")]
    d = [
        said("2025-11-01", "reference_agreed"),
        said("2026-02-01", "reference_withdrawn"),
        said("2026-03-01", "reference_agreed"),
    ]
    sheets = [facets(*events).sheet(Q1) for events in (a, b, c, d)]
    pool, available, growth = references(sheets[0] + sheets[1] + sheets[2] + sheets[3])
    assert told(pool.value, available.value, growth.value) == (3, 2, 0)
    assert growth.denominator == 3


def test_h5_who_has_left_is_no_reference() -> None:
    events = [said("2026-01-02", "reference_agreed", "ann")]
    assert references(facets(*events).sheet(Q1, Known(active=False)))[0].value == 0


def test_h6_referrals_with_the_amounts_of_their_opportunities() -> None:
    """H6: 2 referrals; opened 10,000 and 2,500.50; won 10,000."""
    events = [
        said("2026-01-02", "referral_made", "ann"),
        said("2026-01-09", "referral_made", "bob"),
        said("2026-02-02", "referral_pipeline_opened", amount=10_000),
        said("2026-02-03", "referral_pipeline_opened", amount=2_500.5),
        said("2026-03-02", "referral_won", amount=10_000),
        said("2026-04-02", "referral_won", amount=7),
    ]
    made, opened, won = referrals(facets(*events).sheet(Q1))
    assert told(made.value, opened.value, won.value) == (2, 1_250_050, 1_000_000)
    assert told(opened.n, won.n) == (2, 1)


def test_h5_in_a_running_period_the_pool_is_that_of_today() -> None:
    events = [said("2026-01-02", "reference_agreed", "ann"), said("2026-02-20", "reference_withdrawn", "ann")]
    assert references(facets(*events).sheet(Q1, until=day("2026-02-01")))[0].value == 1
