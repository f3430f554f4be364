"""The scorecard that fits a generated history: the shipped one, with a rate for every currency in it."""

from scorecard.settings.file import shipped_text

SHIPPED = """\
# rates:
#   EUR: {2025-01-01: 1.04, 2026-01-01: 1.10}
"""
"""Rates as the shipped scorecard shows how they are written."""

RATES = """\
rates: # made up, as the history is
  EUR: {2025-01-01: 1.04, 2026-01-01: 1.10}
"""


def scorecard_text() -> str:
    """The text of a scorecard.yaml."""
    before, found, after = shipped_text().partition(SHIPPED)
    if not found:
        raise ValueError(f"the shipped scorecard shows no rates as {SHIPPED!r}")
    return before + RATES + after
