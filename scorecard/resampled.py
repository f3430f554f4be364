"""The lifts of resamples: of all strata together, each of whose arms is drawn anew.

How an arm is drawn hangs on what is in it, on the seed, and on nothing else. Strata are added up in groups. So where an
account changes, its arms are drawn anew and its group is added up anew, and what was drawn of all others still holds.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from xxhash import xxh3_128

from scorecard.bootstrap import Floats, resampled_sums
from scorecard.draws import Draws
from scorecard.strata import Cell, Rows, Weights
from scorecard.unit import Outcome

GROUP_ACCOUNTS = 1_024
"""Of a group, about: to draw them takes some 20 ms, and the sums of a group take as many bytes as a large arm's."""

ARM_ACCOUNTS = 256
"""Arms with as many are kept by themselves as well: the controls of a stratum are the same for every programme."""


class Drawn(NamedTuple):
    """An arm, and what tells its draws from those of others."""

    rows: Rows
    key: bytes
    """Of the arm, its content, and how many with the same content came before: two arms are drawn independently."""


class Resampling(NamedTuple):
    """How to draw."""

    seed: int
    resamples: int
    draws: Draws

    def lifts(self, cells: Sequence[Cell], weights: Weights) -> Floats:
        """Lifts of all outcomes, a row each resample. `cells`: as `match` sorts them."""
        total = np.zeros((self.resamples, 1 + len(Outcome)))
        for group in _groups(cells):
            key = xxh3_128(repr((weights.value, self.seed, self.resamples)).encode())
            for arm in (arm for pair in group for arm in pair):
                key.update(arm.key)
            total += self.draws.get(key.digest(), partial(self._added, group, weights))
        return np.asarray(total[:, 1:] / total[:, :1])

    def _added(self, group: Sequence[tuple[Drawn, Drawn]], weights: Weights) -> Floats:
        """Of some strata: what they weigh, and the lift of each outcome by this weight."""
        total = np.zeros((self.resamples, 1 + len(Outcome)))
        for arms in group:
            exposed, control = (self._sums(arm) for arm in arms)
            base = exposed[:, :1] + (control[:, :1] if weights is Weights.ALL else 0.0)
            total[:, :1] += base
            total[:, 1:] += base * (exposed[:, 1:] / exposed[:, :1] - control[:, 1:] / control[:, :1])
        return total

    def _sums(self, arm: Drawn) -> Floats:
        if len(arm.rows.amounts) < ARM_ACCOUNTS:
            return self._drawn(arm)
        key = xxh3_128(repr((self.seed, self.resamples)).encode())
        key.update(arm.key)
        return self.draws.get(key.digest(), partial(self._drawn, arm))

    def _drawn(self, arm: Drawn) -> Floats:
        seed = np.random.SeedSequence((self.seed, int.from_bytes(arm.key, "big")))
        return resampled_sums(arm.rows.amounts, self.resamples, np.random.Generator(np.random.PCG64(seed)))


def _groups(cells: Sequence[Cell]) -> Iterator[Sequence[tuple[Drawn, Drawn]]]:
    """The strata by their content: one that changes leaves its group for another, and all other groups stay."""
    accounts = sum(len(rows.amounts) for cell in cells for rows in (cell.exposed, cell.control))
    count = 1 << max(0, (accounts // GROUP_ACCOUNTS).bit_length() - 1)
    before = Counter[tuple[bool, bytes]]()
    groups: dict[int, list[tuple[Drawn, Drawn]]] = {}
    for cell in cells:
        place = int.from_bytes(cell.exposed.digest[:4], "big") ^ int.from_bytes(cell.control.digest[:4], "big")
        pair = _arm(cell.exposed, before, exposed=True), _arm(cell.control, before, exposed=False)
        groups.setdefault(place % count, []).append(pair)
    for place in sorted(groups):
        yield groups[place]


def _arm(rows: Rows, before: Counter[tuple[bool, bytes]], *, exposed: bool) -> Drawn:
    same = exposed, rows.digest
    before[same] += 1
    return Drawn(rows, bytes([exposed]) + before[same].to_bytes(4, "big") + rows.digest)
