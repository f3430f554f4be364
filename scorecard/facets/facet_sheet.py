"""What an account's facets come to over a period."""

from scorecard.tally import Tally


class FacetSheet(Tally):
    """Counts by name, `activation/due` or `feature_users/export`.

    >>> FacetSheet({"activation/due": 1, "activation/met": 1}) + FacetSheet({"activation/due": 1})
    FacetSheet(counts={'activation/due': 2, 'activation/met': 1})
    """

    __slots__ = ()
