"""Going on from rebuilt records, without a broker."""

from collections.abc import Sequence

from streams.configuration import shipped
from streams.kafka.chunk import Chunk
from streams.kafka.edition import Edition
from streams.kafka.fold import Fold
from streams.kafka.partition import Partition
from streams.kafka.publication import Rebuilt
from streams.kafka.record import Record, decode, survey
from streams.kafka.switch import Switch
from tests.streams.embedded.running import PLAYS, START, VOCABULARY
from tests.streams.embedded.sent import Message, track
from tests.streams.kafka.test_edition import COUNTING, made, partition
from tests.streams.kafka.test_partition import apply, chunk, stored

WIDER = shipped("profile").replace("metrics:\n", f"metrics:\n{COUNTING}".replace("[login]", "[signed_in]"), 1)
"""Counts what nothing has counted before."""

NOTHING = (0, 0, 0, 0, 0)


def to(end: int, *, cs: int = 0, profile: str | None = None) -> Edition:
    """An edition that names records which were rebuilt up to there."""
    ends = (end, cs, 0, 0, 0)
    return made(PLAYS, profile, position=3)._replace(rebuilt=Rebuilt("again", (9,), (ends,)))


def fold(edition: Edition, *chunks: Chunk) -> Fold:
    found = Fold(edition.engine, VOCABULARY, lambda account_id: not account_id.startswith("stray"))
    for one in chunks:
        for _ in found.take(one):
            pass
    return found


def switched(
    edition: Edition, live: dict[str, bytes], rebuilt: Fold, *between: Chunk, committed: Sequence[int] = NOTHING
) -> dict[str, Record]:
    assert edition.rebuilt is not None
    switch = Switch(edition, live, rebuilt, edition.rebuilt.ends[0], committed)
    for one in between:
        for _ in switch.take(one):
            pass
    return {account_id: decode(value) for account_id, value in switch.records(7)}


def grown(*accounts: str) -> list[Message]:
    return [track(f"{account}{user}", account, user) for account in accounts for user in range(3)]


def said(account: str, play: str = "team_grew") -> Message:
    message = track("said", account, event="Play Acknowledged")
    return {**message, "properties": {"play": play}}


def counted(edition: Edition, record: Record) -> int:
    return edition.engine.unpack(record.packed).counted


def test_a_record_says_what_it_was_made_from_and_is_to_be_looked_at_under_the_edition() -> None:
    edition = to(3)
    live = stored(apply(partition(made()), chunk(grown("a"))))
    record = switched(edition, live, fold(edition, chunk(grown("a"))))["a"]
    assert (record.made, record.stamp.digest, record.stamp.position) == (edition.mark, "", 3)
    assert decode(live["a"]).made == ""
    heir = Partition(edition, epoch=8, records=live)
    assert heir.outdated == 0


def test_what_both_have_counts_once_what_the_live_one_has_ahead_is_folded_in_without_a_word() -> None:
    edition = to(1)
    live = stored(apply(partition(made()), chunk(grown("a"))))
    record = switched(edition, live, fold(edition, chunk(grown("a")[:1])), chunk(grown("a")))["a"]
    assert (counted(edition, record), record.applied) == (3, (2, -1, -1, -1, -1))
    assert edition.engine.unpack(record.packed).episodes["team_grew"][2] == "open"


def test_what_the_rebuilt_one_has_ahead_counts_as_applied_and_what_people_say_in_it_is_heard() -> None:
    edition = to(4, cs=1)
    live = stored(apply(partition(made()), chunk(grown("a"))))
    more, word = chunk([track("fourth", "a", 4)], first=3), chunk([said("a")], stream="cs")
    rebuilt = fold(edition, chunk(grown("a")), more, word)
    record = switched(edition, live, rebuilt, chunk(grown("a")), more, word, committed=(3, 0, 0, 0, 0))["a"]
    assert (counted(edition, record), record.applied) == (5, (3, 0, -1, -1, -1))
    assert edition.engine.unpack(record.packed).episodes["team_grew"][2] == "acknowledged"


def test_what_people_have_said_before_is_not_heard_twice() -> None:
    edition = to(3, cs=2)
    word, again = chunk([said("a")], stream="cs"), chunk([said("a")], first=1, stream="cs", at=START + 1.0)
    live = stored(apply(partition(made()), chunk(grown("a")), word))
    before = edition.engine.unpack(decode(live["a"]).packed).episodes
    record = switched(edition, live, fold(edition, chunk(grown("a")), word, again), word, again)["a"]
    account = edition.engine.unpack(record.packed)
    assert (account.episodes, account.duplicates) == (before, 1)


def test_one_that_was_made_from_them_before_stays_as_it_is() -> None:
    edition = to(3)
    live = stored(apply(partition(made()), chunk([*grown("a"), track("b", "b")])))
    first = switched(edition, live, fold(edition, chunk(grown("a"))))
    mixed = Switch(edition, live, fold(edition), (3, 0, 0, 0, 0), NOTHING)
    through = dict(mixed.records(7)) | {"b": live["b"]}
    left = switched(edition, through, fold(edition, chunk(grown("a"))), chunk([*grown("a"), track("b", "b")]))
    assert sorted(first) == ["a", "b"]
    assert sorted(left) == ["b"]


def test_an_account_that_has_no_live_record_is_there_again_with_all_that_is_committed() -> None:
    edition = to(3)
    between = chunk([track("fourth", "a", 4)], first=3)
    there = switched(edition, {}, fold(edition, chunk(grown("a"))), between, committed=(4, 0, 0, 0, 0))
    assert (counted(edition, there["a"]), there["a"].applied[0]) == (4, 3)
    waiting = switched(edition, {}, fold(edition, chunk(grown("a"))), between, committed=(3, 0, 0, 0, 0))
    assert (counted(edition, waiting["a"]), waiting["a"].applied[0]) == (3, 2)  # the worker reads it, and applies it


def test_wherever_it_is_cut_short_the_records_say_that_the_partition_is_not_through() -> None:
    edition = to(12)
    messages = grown("a", "b", "c", "d")
    known = stored(apply(partition(made()), chunk(messages)))
    for live in ({}, {"b": known["b"]}, known):
        whole = switched(edition, live, fold(edition, chunk(messages)))
        left = dict(live)
        switch = Switch(edition, live, fold(edition, chunk(messages)), (12, 0, 0, 0, 0), NOTHING)
        for account_id, value in [*switch.first(7), *switch.records(7)][:-1]:
            left[account_id] = value
            assert survey(left.values()).made != {edition.mark}
            through = {id_: decode(one) for id_, one in left.items()}
            assert through | switched(edition, left, fold(edition, chunk(messages))) == whole


def test_messages_of_accounts_that_belong_elsewhere_and_nonsense_make_no_record() -> None:
    edition = to(0)
    live = stored(apply(partition(made()), chunk(grown("a"))))
    between = chunk([*grown("a")[:2], b"{", track("lost", "stray"), *grown("a")[2:]])
    found = switched(edition, live, fold(edition), between, committed=(9, 0, 0, 0, 0))
    assert sorted(found) == ["a"]
    assert counted(edition, found["a"]) == 3


def test_under_a_profile_that_counts_other_things_the_episodes_stay_and_the_history_is_known() -> None:
    messages = [*grown("a"), *(track(f"in{n}", "a", 1, event="login") for n in range(4))]
    edition = to(7, profile=WIDER)
    live = stored(apply(partition(made()), chunk(messages)))
    record = switched(edition, live, fold(edition, chunk(messages)))["a"]
    account = edition.engine.unpack(record.packed)
    assert edition.engine.profile.reader(account, START + 1.0, None)["metrics.logins"] == 4.0
    assert account.episodes["team_grew"][1:3] == (1, "open")
    assert record.signature == edition.engine.profile.layout.signature
