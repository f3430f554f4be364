"""Sentiment and advocacy: the one place where H2 to H6 are computed for a cohort, from its summed facets."""

from math import sqrt
from statistics import NormalDist

from scorecard.facets.facet_sheet import FacetSheet
from scorecard.figure import Figure

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)

PSEUDO_EACH, PSEUDO_ALL = 0.75, 3.0
"""Added to promoters and to detractors, and to n: the adjusted Wald interval of B. Rocks, "Interval estimation for the
Net Promoter Score", The American Statistician 70 (2016), whose coverage holds for small n, too."""

VELOCITY_DAYS = 30

NOBODY = "nobody answered in the period"


def share(figure: str, part: int, whole: int, *, empty: str) -> Figure:
    """A share of independent answers or accounts, with Wilson's 95 % interval.

    >>> share("H3", 8, 10, empty="").low
    0.4901624715366418
    """
    from scipy.stats import binomtest  # noqa: PLC0415 - takes a second, which few commands have a use for

    found = Figure.ratio(figure, part, whole, n=whole, unit="share", empty=empty)
    if found.value is None:
        return found
    interval = binomtest(part, whole).proportion_ci(CONFIDENCE, method="wilson")
    return found._replace(low=float(interval.low), high=float(interval.high))


def nps(facets: FacetSheet) -> Figure:
    """H2: 100 (promoters - detractors) / n; n: people, each with the newest answer.

    >>> nps(FacetSheet({"nps/n": 10, "nps/promoters": 6, "nps/detractors": 2})).value
    Fraction(40, 1)
    """
    n, promoters, detractors = facets["nps/n"], facets["nps/promoters"], facets["nps/detractors"]
    found = Figure.ratio("H2", promoters - detractors, n, n=n, unit="points", empty=NOBODY)
    if found.value is None:
        return found
    found = found._replace(value=100 * found.value)
    total = n + PSEUDO_ALL
    p, d = (promoters + PSEUDO_EACH) / total, (detractors + PSEUDO_EACH) / total
    margin = Z * sqrt((p + d - (p - d) ** 2) / total)
    return found._replace(low=100 * max(-1.0, p - d - margin), high=100 * min(1.0, p - d + margin))


def csat(facets: FacetSheet) -> Figure:
    """H3: share of 4 and 5; n: people, each with the newest answer.

    >>> csat(FacetSheet({"csat/n": 4, "csat/top_two": 3})).value
    Fraction(3, 4)
    """
    return share("H3", facets["csat/top_two"], facets["csat/n"], empty=NOBODY)


def reviews(facets: FacetSheet, days: int) -> list[Figure]:
    """H4: reviews of so many days, and per 30 days; n: accounts that posted."""
    posted, n = facets["reviews/posted"], facets["reviews/accounts"]
    velocity = Figure.ratio("H4.velocity", posted, days, n=n, unit="reviews per 30 days", empty="no day is over")
    if velocity.value is not None:
        velocity = velocity._replace(value=velocity.value * VELOCITY_DAYS)
    return [Figure.amount("H4", posted, n=n, unit="reviews"), velocity]


def references(facets: FacetSheet) -> list[Figure]:
    """H5: accounts in the reference pool at the end, those available, and how the pool grew.

    >>> references(FacetSheet({"references/pool": 3, "references/start": 2}))[2].value
    Fraction(1, 2)
    """
    pool, start = facets["references/pool"], facets["references/start"]
    return [
        Figure.amount("H5", pool, n=facets["references/people"], unit="accounts"),
        Figure.amount("H5.available", facets["references/available"], n=pool, unit="accounts"),
        Figure.ratio("H5.growth", pool - start, start, n=pool, unit="share", empty="the pool was empty at the start"),
    ]


def referrals(facets: FacetSheet) -> list[Figure]:
    """H6: referrals, and the amounts of the opportunities from referrals that were opened and won."""
    return [
        Figure.amount("H6", facets["referrals/made"], n=facets["referrals/made"], unit="referrals"),
        Figure.amount("H6.pipeline", facets["referrals/pipeline_cents"], n=facets["referrals/pipeline"]),
        Figure.amount("H6.won", facets["referrals/won_cents"], n=facets["referrals/won"]),
    ]


def sentiment(facets: FacetSheet, days: int) -> list[Figure]:
    """All figures of H2 to H6 over a period of which so many days are known."""
    return [nps(facets), csat(facets), *reviews(facets, days), *references(facets), *referrals(facets)]
