"""One partition's accounts, without a broker."""

import json
from collections.abc import Iterable

import pytest

from plays.engine import Engine, names
from plays.playbook import load_playbook
from scoring.profile import load_profile
from streams.configuration import shipped as shipped_text
from streams.kafka import chunk as chunks
from streams.kafka.chunk import Chunk
from streams.kafka.edition import Edition, OtherLayoutError
from streams.kafka.holding import Limits, RecordTooLargeError
from streams.kafka.partition import Partition
from streams.kafka.record import RecordError, Records, Stamp, decode
from streams.kafka.restoration import Restoration
from tests.streams.embedded.running import DAY, PLAYS, START, VOCABULARY, engine
from tests.streams.embedded.sent import Message, track


def chunk(messages: Iterable[Message | bytes], *, first: int = 0, stream: str = "usage", at: float = START) -> Chunk:
    values = [message if isinstance(message, bytes) else json.dumps(message).encode() for message in messages]
    return Chunk(stream, 3, stream, range(first, first + len(values)), [at] * len(values), values)


def under(core: Engine) -> Edition:
    return Edition(core, VOCABULARY, Stamp())


def partition(records: Records | None = None, *, epoch: int = 1, limits: Limits | None = None) -> Partition:
    return Partition(under(engine()), epoch=epoch, records=records, limits=limits or Limits())


def apply(to: Partition, *chunks: Chunk) -> Partition:
    for one in chunks:
        for _ in to.take(one):
            pass
    return to


def stored(by: Partition) -> dict[str, bytes]:
    checkpoint = by.checkpoint()
    by.written(checkpoint)
    return dict(checkpoint.records)


def test_a_checkpoint_holds_each_changed_account_once_and_is_empty_the_next_time() -> None:
    ours = apply(partition(), chunk([track(1), track(2), track(3, "other")]), chunk([track(4)], first=3))
    checkpoint = ours.checkpoint()
    assert sorted(account_id for account_id, _ in checkpoint.records) == ["acme", "other"]
    assert sorted(account_id for account_id, _ in checkpoint.health) == ["acme", "other"]
    ours.written(checkpoint)
    assert ours.changed == 0
    assert ours.checkpoint() == ([], [], [])
    assert decode(dict(checkpoint.records)["acme"]).applied == (3, -1, -1, -1, -1)


def test_a_trigger_is_urgent_and_its_checkpoint_holds_only_its_account() -> None:
    ours = apply(partition(), chunk([track(n, "acme", n) for n in range(3)] + [track(9, "other")]))
    assert ours.urgent is True
    checkpoint = ours.checkpoint(urgent=True)
    assert [account_id for account_id, _ in checkpoint.records] == ["acme"]
    assert [json.loads(trigger)["data"]["play"] for _, trigger in checkpoint.triggers] == ["team_grew"]
    assert decode(checkpoint.records[0][1]).outbox == (checkpoint.triggers[0][1],)
    ours.written(checkpoint)
    assert ours.checkpoint(urgent=True) == ([], [], [])
    assert decode(stored(ours)["acme"]).outbox == ()


def test_what_is_read_again_is_not_applied_again_however_the_chunks_are_cut() -> None:
    first = apply(partition(), chunk([track(n) for n in range(5)]))
    heir = apply(partition(stored(first), epoch=2), chunk([track(n) for n in range(3, 8)], first=3))
    account = heir.account("acme")
    assert account is not None
    assert (account.counted, account.duplicates) == (8, 0)


def test_a_bad_message_costs_its_neighbours_nothing_and_says_where_it_stood() -> None:
    for place in range(4):
        messages: list[Message | bytes] = [track(n) for n in range(3)]
        messages.insert(place, b'{"type": "track"')
        ours = apply(partition(), chunk(messages, first=70))
        account = ours.account("acme")
        assert account is not None
        assert account.counted == 3
        assert [(letter.reason, letter.position, letter.raw) for letter in ours.dead] == [
            ("not_json", f"usage-3:{70 + place}", b'{"type": "track"')
        ]


def test_a_chunk_that_is_handed_over_twice_counts_once_and_its_bad_message_is_told_of_as_often_as_it_came() -> None:
    twice = chunk([track(1), b"{", track(2)])
    ours = apply(partition(), twice, twice)
    account = ours.account("acme")
    assert account is not None
    assert (account.counted, account.duplicates, len(ours.dead), ours.refused) == (2, 0, 2, 2)


def test_keys_that_are_not_the_accounts_change_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "SORTED_MIN", 1)
    as_sent = chunk([track(9), track(1, user="ann"), track(1, user="bob")])  # the first of a message id counts
    keyed = as_sent._replace(keys=[b"device-2", b"device-1", b"device-2"])
    assert keyed.by_key() == [0, 2, 1]
    assert apply(partition(), keyed).records() == apply(partition(), as_sent).records()


def test_an_account_of_another_partition_is_refused_with_its_bytes() -> None:
    ours = Partition(under(engine()), epoch=1, home=lambda account_id: account_id == "acme")
    apply(ours, chunk([track(1), track(2, "elsewhere"), track(3)], first=10))
    assert [(letter.reason, letter.position) for letter in ours.dead] == [("wrong_partition", "usage-3:11")]
    assert json.loads(ours.dead[0].raw)["messageId"] == "m2"
    assert ours.account("elsewhere") is None
    account = ours.account("acme")
    assert account is not None
    assert account.counted == 2


def test_what_says_that_it_will_arrive_later_arrived_when_the_broker_had_it() -> None:
    late = track(1) | {"receivedAt": "2026-05-28T23:00:00Z", "timestamp": "2026-05-28T22:00:00Z"}
    account = apply(partition(), chunk([late])).account("acme")
    assert account is not None
    assert (account.first_arrival, account.last_arrival) == (START, START)


def test_time_advances_those_who_are_due_and_what_time_opened_is_urgent_too() -> None:
    ours = apply(partition(), chunk([track(1), track(2, "other", at=START)]))
    stored(ours)
    assert ours.tick(START + 1.0, 100) == 0
    heir = partition(dict(ours._holding.records), epoch=2)  # its deadlines come from the records
    assert heir.tick(START + 10 * DAY + 2.0, 1) == 1
    assert heir.tick(START + 10 * DAY + 2.0, 100) == 1
    assert sorted(json.loads(trigger)["subject"] for _, trigger in heir.checkpoint(urgent=True).triggers) == [
        "acme",
        "other",
    ]


def test_a_score_that_falls_with_silence_is_published_though_nothing_arrives_and_no_play_looks() -> None:
    profile = engine().profile
    core = Engine(profile, load_playbook(PLAYS, file="plays.yaml", profile_names=names(profile)), publishing=False)
    ours = Partition(under(core), epoch=1)
    apply(ours, chunk([track(1)]))
    scores = [json.loads(value)["score"] for _, value in ours.checkpoint().health]
    for day in range(1, 9):  # before the playbook's ten days
        if ours.tick(START + day * DAY, 100):
            scores += [json.loads(value)["score"] for _, value in ours.checkpoint().health]
    assert len(scores) > 1
    assert scores == sorted(scores, reverse=True)


def test_while_the_sources_are_dark_silence_opens_nothing() -> None:
    ours = apply(partition(), chunk([track(1)]))
    ours.darken(True, START)
    assert ours.tick(START + 10 * DAY + 2.0, 100) == 1
    assert not ours.urgent


def test_who_moved_in_the_dark_is_looked_at_as_soon_as_it_is_over() -> None:
    ours = partition()
    ours.darken(True, START)
    apply(ours, chunk([track(n, "acme", n) for n in range(3)]))
    assert not ours.urgent
    ours.darken(False, START + 60.0)
    assert ours.tick(START + 60.0, 100) == 1
    assert [json.loads(trigger)["data"]["play"] for _, trigger in ours.checkpoint(urgent=True).triggers] == [
        "team_grew"
    ]


def test_objects_are_bounded_and_their_bytes_are_enough() -> None:
    limits = Limits(live_max=5)
    ours = partition(limits=limits)
    for number in range(50):
        apply(ours, chunk([track(number, f"a{number}")], first=number))
        stored(ours)
        assert len(ours._holding._live) <= 6
    assert len(ours) == 50
    account = ours.account("a7")
    assert account is not None
    assert account.counted == 1


def test_a_record_that_no_message_can_hold_is_an_error_before_anything_is_sent() -> None:
    ours = apply(partition(limits=Limits(message_bytes_max=200)), chunk([track(1)]))
    with pytest.raises(RecordTooLargeError, match=r"account 'acme' has \d+ bytes, at most 200"):
        ours.checkpoint()


def test_records_of_a_profile_that_keeps_other_things_are_refused() -> None:
    text, count = (
        shipped_text("profile"),
        "  logins: {kind: count, unit: events, owner: CS, review: monthly, window: 7d, events: [login]}\n",
    )
    other = load_profile(text.replace("metrics:\n", f"metrics:\n{count}", 1), file="profile.yaml")
    core = Engine(other, load_playbook(PLAYS, file="plays.yaml", profile_names=names(other)))
    records = stored(apply(partition(), chunk([track(1)])))
    with pytest.raises(OtherLayoutError, match="rebuild the records"):
        Partition(under(core), epoch=2, records=records)


def test_what_is_no_record_is_named() -> None:
    with pytest.raises(RecordError, match="no record of this version"):
        partition({"acme": b"12345678nonsense"})


def test_a_deleted_account_is_unknown_again() -> None:
    restored = Restoration()
    for offset, (account_id, value) in enumerate(stored(apply(partition(), chunk([track(1)]))).items()):
        restored.take(offset, account_id.encode(), value)
    restored.take(9, b"acme", None)
    assert partition(restored.records).account("acme") is None


def test_who_reads_the_same_records_back_in_another_order_draws_the_same_sample_and_another_one_another_day() -> None:
    records = stored(apply(partition(), chunk([track(n, f"a{n}") for n in range(200)])))
    one, other = partition(records), partition(dict(reversed(records.items())))
    today = [account.id for account in one.sample(10, 1)]
    assert [account.id for account in other.sample(10, 1)] == today
    assert [account.id for account in one.sample(10, 2)] != today
