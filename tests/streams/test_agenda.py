"""Which account is due when: the buckets give what a plain table of deadlines would."""

from hypothesis import given
from hypothesis import strategies as st

from streams.agenda import BUCKET_S, NEVER, Agenda

accounts = st.sampled_from("abcde")
instants = st.one_of(
    st.floats(0.0, 30 * BUCKET_S), st.integers(0, 30).map(lambda n: n * BUCKET_S), st.just(NEVER)
)  # also those on the very edge of a bucket


@given(turns=st.lists(st.one_of(st.tuples(accounts, instants), st.floats(0.0, 40 * BUCKET_S)), max_size=40))
def test_every_account_comes_up_once_at_its_last_deadline_in_order_of_time(
    turns: list[tuple[str, float] | float],
) -> None:
    agenda, table = Agenda(), dict[str, float]()
    for turn in turns:
        if isinstance(turn, tuple):
            agenda.put(*turn)
            table[turn[0]] = turn[1]
            continue
        expected = sorted((deadline, account) for account, deadline in table.items() if deadline <= turn)
        assert list(agenda.due(turn)) == expected
        for _, account in expected:
            del table[account]


def test_what_is_put_while_others_come_up_comes_up_too_when_it_is_due() -> None:
    agenda, given_ = Agenda(), []
    agenda.put("a", 10.0)
    for deadline, account in agenda.due(3 * BUCKET_S):
        given_.append((deadline, account))
        if len(given_) < 4:
            agenda.put("a", deadline + BUCKET_S)
    assert given_ == [(10.0, "a"), (10.0 + BUCKET_S, "a"), (10.0 + 2 * BUCKET_S, "a")]
    assert list(agenda.due(4 * BUCKET_S)) == [(10.0 + 3 * BUCKET_S, "a")]
