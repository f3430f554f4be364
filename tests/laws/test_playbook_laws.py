"""Laws of conditions and playbooks: the fast ways give what the plain ways give."""

from math import isclose, isfinite
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from plays import episode as machine
from plays.condition import Language, Names
from plays.episode import Episode, Move
from plays.playbook import Playbook, load_playbook
from scoring.days import DAY

NAMES: Names = {
    "score": "double", "metrics.a": "double", "metrics.b": "double", "band": "string", "stage": "string",
    "overridden": "bool",
}  # fmt: skip
LANGUAGE = Language(NAMES)
BOUNDS = [0.0, 1.5, 40.0, -3.0]
NUMBERS = st.sampled_from(
    [None, 0.0, -0.0, 1.0, 1.5, 40.0, 39.99999999999999, 41.0, -3.0, float("inf"), float("nan"), 7]
)


def leaves() -> st.SearchStrategy[str]:
    comparison = st.builds(
        lambda name, op, bound, left: f"{name} {op} {bound}" if left else f"{bound} {op} {name}",
        st.sampled_from(["score", "metrics.a", "metrics.b"]), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        st.sampled_from(BOUNDS), st.booleans(),
    )  # fmt: skip
    words = st.sampled_from(
        ['band == "x"', 'band != "x"', 'stage in ["x", "y"]', "overridden", "score + 1.0 > metrics.a"]
    )
    return st.one_of(comparison, words)


EXPRESSIONS = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        st.builds(lambda a, b: f"({a} && {b})", inner, inner),
        st.builds(lambda a, b: f"({a} || {b})", inner, inner),
        st.builds(lambda a: f"!({a})", inner),
    ),
    max_leaves=8,
)

VALUES = st.fixed_dictionaries({
    "score": NUMBERS, "metrics.a": NUMBERS, "metrics.b": NUMBERS, "overridden": st.sampled_from([None, True, False]),
    "band": st.sampled_from([None, "x", "z"]), "stage": st.sampled_from([None, "x", "y", "z"]),
})  # fmt: skip


@given(EXPRESSIONS, st.lists(VALUES, min_size=1, max_size=5))
def test_a_condition_says_what_cel_says(source: str, series: list[dict[str, Any]]) -> None:
    condition = LANGUAGE.condition(source)
    for values in series:
        assert condition(values) is condition._ask(values)
        assert condition.holds(values) is (condition._ask(values) is True)


PLAYS = [
    ("a", "metrics.a >= 1.5 && score < 40.0", "metrics.a < 0.0", "hold_for: 2d, settle_for: 1d, cooldown: 3d"),
    ("b", "metrics.a < 1.5 || metrics.b > 0.0", None, "cooldown: 1d, expire_after: 9d"),
    ("c", 'score < 40.0 && (band == "x" || metrics.b <= 1.5)', None, "applies_to: {stage: [x]}, cooldown: 2d"),
    ("d", "metrics.b + score > 3.0", "overridden", "hold_for: 1d, expire_after: null"),
]
COMMON = "title: t, owner: CS, action: {kind: [call], summary: s}"


def playbook() -> Playbook:
    rows = [
        f"  {name}: {{{COMMON}, condition: '{condition}', {settings}" + (f", clear_when: '{clear}'}}" if clear else "}")
        for name, condition, clear, settings in PLAYS
    ]
    return load_playbook("\n".join(['version: "1"', "plays:", *rows]), file="plays.yaml", profile_names=NAMES)


BOOK = playbook()


def plain(episodes: dict[str, Episode], values: dict[str, Any], at: float, held: bool) -> list[Move]:
    """The oracle: every play, by CEL, one after the other, no short cuts."""
    moves: list[Move] = []
    for name, _, _, _ in PLAYS:
        rule, episode = BOOK.rules[name], episodes.get(name)
        made: tuple[Move, ...] = ()
        after: Episode | None
        if name == "c" and values.get("stage") != "x":
            after = episode
            if episode is not None:
                after, made = machine.withdraw(episode, at)
                after, cooled = machine.advance(rule.play, after, truth=None, clear=None, at=at, held=held)
                made += cooled
        else:
            truth = rule.condition._ask(values)
            clear = rule.clear._ask(values) if rule.clear else None if truth is None else not truth
            after, made = machine.advance(rule.play, episode, truth=truth, clear=clear, at=at, held=held)
        moves += made
        if after is None or after.number == 0:
            episodes.pop(name, None)
        else:
            episodes[name] = after
    return moves


@given(st.lists(st.tuples(st.integers(0, 24 * 6), VALUES, st.integers(0, 6)), min_size=1, max_size=25))
def test_a_playbook_moves_what_its_plays_would_move_one_by_one(series: list[tuple[int, dict[str, Any], int]]) -> None:
    quick: dict[str, tuple[Any, ...]] = {}
    slow: dict[str, Episode] = {}
    at = 1_700_000_000.0
    for hours, values, dark in series:
        at += hours * 3600.0
        moves, due = BOOK.advance(values, quick, at, held=dark == 0)
        assert list(moves) == plain(slow, values, at, dark == 0)
        assert {name: episode[:5] for name, episode in quick.items()} == {name: e[:5] for name, e in slow.items()}
        assert due > at


@given(st.lists(st.tuples(st.integers(0, 24 * 6), VALUES), min_size=1, max_size=25))
def test_before_the_deadline_the_same_values_move_nothing(series: list[tuple[int, dict[str, Any]]]) -> None:
    episodes: dict[str, tuple[Any, ...]] = {}
    at = 1_700_000_000.0
    for hours, values in series:
        at += hours * 3600.0
        _, due = BOOK.advance(values, episodes, at)
        just_before = min(due, at + 4_000 * DAY) - 1.0
        assert BOOK.advance(values, dict(episodes), just_before)[0] == ()
        if isfinite(due):
            assert BOOK.advance(values, dict(episodes), due)[0] != ()


RATES = st.one_of(st.sampled_from([1.0, -1.0, 1 / 3, 0.0]), st.floats(1e-4, 10.0), st.floats(-10.0, -1e-4))


@given(
    st.fixed_dictionaries(
        dict.fromkeys(("score", "metrics.a", "metrics.b"), st.one_of(st.sampled_from(BOUNDS), st.floats(-1e3, 1e3)))
    ),
    st.fixed_dictionaries({}, optional=dict.fromkeys(("score", "metrics.a", "metrics.b"), RATES)),
    st.floats(0.0, 4e9),
)
def test_nothing_changes_before_the_next_crossing_and_something_has_changed_at_it(
    values: dict[str, float], rates: dict[str, float], at: float
) -> None:
    comparisons = {
        c for rule in BOOK.rules.values() for side in (rule.condition, rule.clear) if side for c in side.comparisons
    }
    tests = {c: LANGUAGE.condition(f"{c.name} {c.op} {c.bound}") for c in comparisons}

    def truths(instant: float) -> dict[Any, bool | None]:
        drifted = {name: value + rates.get(name, 0.0) * ((instant - at) / DAY) for name, value in values.items()}
        return {comparison: test(drifted) for comparison, test in tests.items()}

    crossing = BOOK.next_crossing(values, rates, at)
    assert crossing > at
    now = truths(at)
    if not isfinite(crossing):
        assert truths(at + 1e6 * DAY) == now
        return
    assert truths(crossing) != now
    assume(crossing - at > 1.0)
    slack = max(0.01, (crossing - at) * 1e-9)  # rounding of a drift over thousands of years
    assert truths(crossing - slack) == now
    assert truths(at + (crossing - at) / 2) == now
    assert isclose(crossing, BOOK.next_crossing(values, rates, at))
