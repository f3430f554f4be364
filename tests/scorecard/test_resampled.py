"""C4: how an arm is drawn hangs on what is in it, and on nothing else."""

import numpy as np
import pytest
from numpy.typing import NDArray

from scorecard import resampled
from scorecard.bootstrap import Floats, resampled_sums
from scorecard.draws import Draws
from scorecard.resampled import Resampling
from scorecard.sample import Sample
from scorecard.strata import Weights, match
from streams.simulate.planted import plant


def book(accounts: int = 16_000) -> Sample:
    """Of 180 strata."""
    found = plant(1, accounts, 0.05).sample()
    labels = tuple((*label, str(part)) for label in found.labels for part in range(10))
    return found._replace(stratum=10 * found.stratum + np.arange(accounts) % 10, labels=labels)


def lifts(sample: Sample, draws: Draws, seed: int = 3, weights: Weights = Weights.EXPOSED) -> Floats:
    return Resampling(seed, 200, draws).lifts(match(sample).cells, weights)


def changed(sample: Sample, row: int) -> Sample:
    """An account has less at the end."""
    amounts = sample.amounts.copy()
    amounts[row, 1] //= 2
    return sample._replace(amounts=amounts)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The accounts of each arm that is drawn."""
    counts = list[int]()

    def counted(rows: NDArray[np.int64], resamples: int, rng: np.random.Generator) -> Floats:
        counts.append(len(rows))
        return resampled_sums(rows, resamples, rng)

    monkeypatch.setattr(resampled, "resampled_sums", counted)
    return counts


def test_what_was_drawn_before_changes_nothing_but_the_time() -> None:
    draws = Draws()
    lifts(book(), draws)
    assert (lifts(changed(book(), 5), draws) == lifts(changed(book(), 5), Draws())).all()


def test_where_an_account_changes_most_others_are_not_drawn_again(drawn: list[int]) -> None:
    """Its stratum leaves a group for another, and there are eight."""
    draws = Draws()
    lifts(book(), draws)
    assert sum(drawn) == sum(cell.stratum.exposed.n + cell.stratum.control.n for cell in match(book()).cells)
    drawn.clear()
    lifts(book(), draws)
    assert not drawn
    lifts(changed(book(), 5), draws)
    assert 0 < sum(drawn) < 16_000 * 3 / 8


def test_another_seed_or_weight_is_drawn_otherwise() -> None:
    draws = Draws()
    found = [lifts(book(), draws), lifts(book(), draws, seed=4), lifts(book(), draws, weights=Weights.ALL)]
    assert not any((one == other).all() for one, other in ((found[0], found[1]), (found[0], found[2])))
    assert all((lifts(book(), Draws(), *how) == one).all() for how, one in zip(((3,), (4,)), found, strict=False))


def test_arms_that_are_alike_are_drawn_independently() -> None:
    """Twelve strata with the same accounts in both arms: were they drawn alike, resamples would differ by nothing
    within a stratum, and by twelve times one stratum over all.
    """
    half = book(300)
    arms = [(half.amounts, exposed, stratum) for stratum in range(12) for exposed in (True, False)]
    sample = Sample(
        np.concatenate([amounts for amounts, *_ in arms]),
        np.concatenate([np.full(len(amounts), exposed) for amounts, exposed, _ in arms]),
        np.concatenate([np.full(len(amounts), stratum) for amounts, _, stratum in arms]),
        tuple((str(stratum),) for stratum in range(12)), ("stratum",),
    )  # fmt: skip
    one = sample.part(sample.stratum == 0)
    spread, of_one = (lifts(some, Draws()).std(axis=0)[0] for some in (sample, one))
    assert spread == pytest.approx(of_one / 12**0.5, rel=0.2)


def test_what_is_kept_is_bounded_and_what_was_used_last_stays() -> None:
    draws, made = Draws(bytes_max=3 * 80), list[bytes]()

    def get(key: bytes) -> None:
        def draw() -> Floats:
            made.append(key)
            return np.zeros(10)

        draws.get(key, draw)

    for key in (b"a", b"b", b"c", b"a", b"d", b"a", b"b"):
        get(key)
    assert made == [b"a", b"b", b"c", b"d", b"b"]
