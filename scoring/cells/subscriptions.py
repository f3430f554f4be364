"""What the account pays: each subscription's recent steps of annual recurring revenue."""

from typing import Any, NamedTuple

from xxhash import xxh3_64_intdigest

from scoring.cells.cell import order
from scoring.cells.sums import number
from scoring.days import instant
from scoring.event import Event

SUBSCRIPTIONS_MAX = 64
"""Subscriptions kept per account: running ones before ended ones, then the most recently moved."""

STEPS_MAX = 12
"""Steps kept per subscription, the newest ones: more than a subscription moves within the horizon in practice."""


class Step(NamedTuple):
    """ARR of one subscription from `at` on, in the currency of the event; `renews` is unix seconds or None."""

    at: float
    tie: int
    arr: float
    renews: float | None


class Subscriptions:
    """State: {hash of the subscription id: its Steps, oldest first}. Churn is a step to zero."""

    bytes_max = SUBSCRIPTIONS_MAX * (9 + 3 + STEPS_MAX * (1 + 4 * 9)) + 8
    tells = False

    def __init__(self, churning: frozenset[str]) -> None:
        self._churning = churning

    def observe(
        self, state: dict[int, tuple[Step, ...]] | None, events: list[Event], days: list[int], bits: list[int]
    ) -> dict[int, tuple[Step, ...]] | None:
        for event in events:
            arr = 0.0 if event.name in self._churning else number(event.properties.get("arr"))
            if arr is not None:
                state = {} if state is None else state
                self._step(state, event, arr)
        return state

    @staticmethod
    def _step(state: dict[int, tuple[Step, ...]], event: Event, arr: float) -> None:
        digest = xxh3_64_intdigest(str(event.properties.get("subscription_id", "")).encode())
        step = Step(*order(event), arr, instant(event.properties.get("renews_at")))
        state[digest] = tuple(sorted({*state.get(digest, ()), step}, key=_when)[-STEPS_MAX:])
        if len(state) > SUBSCRIPTIONS_MAX:
            del state[min(state, key=lambda known: (state[known][-1].arr > 0, state[known][-1][:2], known))]

    def shift(self, state: dict[int, tuple[Step, ...]], days: int, floor: int) -> dict[int, tuple[Step, ...]]:
        return state

    def pack(self, state: dict[int, tuple[Step, ...]]) -> dict[int, Any]:
        return {digest: [tuple(step) for step in steps] for digest, steps in sorted(state.items())}

    def unpack(self, packed: dict[int, Any]) -> dict[int, tuple[Step, ...]]:
        return {digest: tuple(Step(*step) for step in steps) for digest, steps in packed.items()}


def _when(step: Step) -> tuple[float, int]:
    return step.at, step.tie


def arr_at(state: dict[int, tuple[Step, ...]], at: float) -> float:
    """ARR at the instant `at`: of each subscription the last step by then, or the oldest of STEPS_MAX where none is."""
    total = 0.0
    for steps in state.values():
        for step in reversed(steps):
            if step.at <= at:
                total += step.arr
                break
        else:
            if (
                len(steps) == STEPS_MAX
            ):  # what came before was forgotten: the oldest that is known is nearer than nothing
                total += steps[0].arr
    return total
