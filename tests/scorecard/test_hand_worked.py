"""R1 to R4: the hand-worked book gives exactly the printed figures."""

from fractions import Fraction

import pytest

from scorecard.book import Book
from scorecard.cohort import cohort
from scorecard.family import Unit, entity, reclassified
from scorecard.movement import Movement
from scorecard.report.measured import of_money
from scorecard.retention import grr, logo_retention, nrr, waterfall
from scorecard.settings.file import ScorecardFile
from scorecard.sheet import Sheet, sheet, total
from tests.scorecard.hand_worked import BARS, PERIOD, RATES, cents, events, in_order, table

ROWS = table("Accounts")


def books() -> dict[str, Book]:
    """All accounts of the page, once everything arrived."""
    found: dict[str, Book] = {}
    for event in in_order(ROWS):
        found.setdefault(event.account_id, Book(event.account_id)).take(event, RATES)
    return found


def families(found: dict[str, Book], unit: Unit = "account") -> dict[str, list[Book]]:
    """The accounts of each entity, the one that stands for it first."""
    traits = {
        name: {key: to for key, book in found.items() if (to := book.traits.newest(name))}
        for name in ("merged_into", "parent")
    }
    of: dict[str, list[Book]] = {}
    for account_id in sorted(found, key=lambda key: (key in traits["merged_into"] or key in traits["parent"], key)):
        of.setdefault(entity(account_id, traits["merged_into"], traits["parent"], unit), []).append(found[account_id])
    return of


def sheet_of(members: list[Book]) -> Sheet:
    return sheet(reclassified(row for book in members for row in book.movements), PERIOD, RATES)


BOOKS = books()
SHEETS = {name: sheet_of(members) for name, members in families(BOOKS).items()}


def printed(row: dict[str, str]) -> dict[str, int]:
    return {column: cents(row[column]) for column in BARS if column in row}


def computed(of: Sheet, row: dict[str, str]) -> dict[str, int]:
    return {column: getattr(of, field) for column, field in BARS.items() if column in row}


def test_the_page_has_at_least_forty_accounts_and_each_of_them_is_computed() -> None:
    assert len(ROWS) >= 40
    assert set(SHEETS) == {row["account"] for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=[row["account"] for row in ROWS])
def test_each_account_gives_the_printed_bars(row: dict[str, str]) -> None:
    of = SHEETS[row["account"]]
    assert computed(of, row) == printed(row)
    assert waterfall(of).gap == 0


@pytest.mark.parametrize("row", ROWS, ids=[row["account"] for row in ROWS])
def test_the_printed_bars_add_up(row: dict[str, str]) -> None:
    """The page itself, before anything is computed."""
    bars = printed(row)
    assert sum(bars[name] for name in list(BARS)[:9]) == bars["all"]
    assert bars["kept"] == min(bars["start"], bars["end"])


@pytest.mark.parametrize("row", ROWS, ids=[row["account"] for row in ROWS])
def test_each_account_has_the_printed_issues(row: dict[str, str]) -> None:
    assert [one.reason for one in BOOKS[row["account"]].issues] == row["issues"].split()


@pytest.mark.parametrize("row", ROWS, ids=[row["account"] for row in ROWS])
def test_each_account_is_the_same_said_backwards(row: dict[str, str]) -> None:
    said = events(row)
    found: dict[str, Book] = {}
    for event in reversed(said):
        found.setdefault(event.account_id, Book(event.account_id)).take(event, RATES)
    assert sheet_of([found[key] for key in sorted(found)]) == SHEETS[row["account"]]


def test_the_whole_waterfall_is_the_printed_one() -> None:
    """R4."""
    (row,) = table("The waterfall")
    whole = total(SHEETS.values())
    assert computed(whole, row) == printed(row)
    assert waterfall(whole).gap == 0


@pytest.mark.parametrize("row", table("Expansion"), ids=lambda row: row["figure"])
def test_expansion_is_the_printed_one_each_kind_with_its_own_accounts(row: dict[str, str]) -> None:
    """X1, X5."""
    settings = ScorecardFile(version="1", currency="EUR")
    found = next(one for one in of_money(total(SHEETS.values()), PERIOD, settings) if one.id == row["figure"])
    assert (found.numerator, found.n) == (cents(row["amount"]), int(row["accounts"]))


def test_by_parent_a_family_is_one() -> None:
    (row,) = table("By parent")
    of = sheet_of(families(BOOKS, "parent")[row["account"]])
    assert computed(of, row) == printed(row)


@pytest.mark.parametrize("row", table("As it was known on 2026-07-01"), ids=lambda row: row["account"])
def test_what_was_known_at_the_end_gives_the_figures_of_then(row: dict[str, str]) -> None:
    known, movements = PERIOD.end.toordinal(), list[Movement]()
    book = Book(row["account"])
    for event in in_order([one for one in ROWS if one["account"] == row["account"]]):
        for posting in book.take(event, RATES).postings:
            if posting.known_at < (known - 719_163) * 86_400:
                movements.append(posting.movement)
    assert computed(sheet(sorted(movements, key=lambda one: one.on), PERIOD, RATES), row) == printed(row)


@pytest.mark.parametrize("row", table("All together"), ids=lambda row: row["cohort"])
def test_cohorts_give_the_printed_ratios(row: dict[str, str]) -> None:
    of_cohort = total(
        SHEETS[name]
        for name, members in families(BOOKS).items()
        if row["cohort"] in ("all", cohort(members, "segment", PERIOD))
    )
    for column, figure, scale in (("R1", logo_retention, 1), ("R2", grr, 100), ("R3", nrr, 100)):
        numerator, denominator = row[column].split("/")
        found = figure(of_cohort)
        assert (found.numerator, found.denominator) == (Fraction(numerator) * scale, Fraction(denominator) * scale)
        assert found.value == Fraction(numerator) / Fraction(denominator)
