"""Going on under another edition of the configuration, without a broker."""

import json

import msgspec
import pytest

from scoring.profile import load_profile, unlike
from streams.configuration import Texts, read, shipped
from streams.kafka.edition import Edition, OtherLayoutError, edition
from streams.kafka.partition import Partition
from streams.kafka.record import EPOCH_BYTES, Stamp, decode
from tests.streams.embedded.running import DAY, PLAYS, START
from tests.streams.embedded.sent import track
from tests.streams.kafka.test_partition import apply, chunk, stored

LOWER = PLAYS.replace("test-1", "test-2").replace("active_users >= 3.0", "active_users >= 2.0")
SOONER = PLAYS.replace("test-1", "test-3").replace("silence_days >= 10.0", "silence_days >= 4.0")
START_OF_ALL, FIRST = PLAYS.index("  team_grew:"), PLAYS.index("  gone_quiet:")
WITHOUT = PLAYS[:START_OF_ALL].replace("test-1", "test-4") + PLAYS[FIRST:]
ADDED = (
    PLAYS[:START_OF_ALL].replace("test-1", "test-5")
    + PLAYS[START_OF_ALL:FIRST].replace("team_grew", "team_began").replace(">= 3.0", ">= 2.0")
    + PLAYS[START_OF_ALL:]
)
RENAMED = shipped("profile").replace("version: ", "version: renamed-", 1)
COUNTING = "  logins: {kind: count, unit: events, owner: CS, review: monthly, window: 7d, events: [login]}\n"


def made(plays: str = PLAYS, profile: str | None = None, position: int = 0) -> Edition:
    texts = Texts((profile or shipped("profile"), "profile.yaml"), (plays, "plays.yaml"), None)
    return edition(read(texts), position)


def partition(under: Edition, records: dict[str, bytes] | None = None, *, epoch: int = 1) -> Partition:
    return Partition(under, epoch=epoch, records=records)


def two_users(*accounts: str) -> Partition:
    """Accounts that no play is open for, all of them written."""
    messages = [track(f"{account}{user}", account, user) for account in accounts for user in range(2)]
    return apply(partition(made()), chunk(messages))


def opened(by: Partition) -> list[tuple[str, str, str]]:
    """Account, play and the playbook's version of the triggers that wait, which are then written."""
    checkpoint = by.checkpoint(urgent=True)
    by.written(checkpoint)
    found = [json.loads(trigger) for _, trigger in checkpoint.triggers]
    return sorted((one["subject"], one["data"]["play"], one["playbookversion"]) for one in found)


def test_under_another_edition_every_account_is_looked_at_once_a_few_at_a_time() -> None:
    ours = two_users("a", "b", "c")
    stored(ours)
    ours.adopt(made(LOWER, position=7))
    assert ours.outdated == 3
    assert ours.tick(START + 1.0, 2) == 2
    assert len(opened(ours)) == 2
    assert ours.tick(START + 1.0, 2) == 1
    assert len(opened(ours)) == 1
    assert ours.tick(START + 1.0, 100) == 0
    assert {decode(value).stamp.position for _, value in ours.checkpoint().records} == {7}


def test_what_opens_under_an_edition_names_it_and_what_was_open_does_not_open_again() -> None:
    ours = apply(partition(made()), chunk([track(n, "acme", n) for n in range(3)]), chunk([track(9, "b", 1)], first=3))
    apply(ours, chunk([track(10, "b", 2)], first=4))
    assert opened(ours) == [("acme", "team_grew", "test-1")]
    stored(ours)
    ours.adopt(made(LOWER))
    ours.tick(START + 1.0, 100)
    assert opened(ours) == [("b", "team_grew", "test-2")]


def test_an_event_that_comes_before_its_turn_has_its_account_looked_at_at_once() -> None:
    ours = two_users("a", "b")
    stored(ours)
    ours.adopt(made(LOWER))
    apply(ours, chunk([track("x", "a", 0)], first=4, at=START + 1.0))
    assert opened(ours) == [("a", "team_grew", "test-2")]
    ours.tick(START + 1.0, 100)
    assert opened(ours) == [("b", "team_grew", "test-2")]


def test_what_was_not_durable_when_the_edition_changed_is_so_later_its_triggers_too() -> None:
    ours = apply(partition(made()), chunk([track(n, "acme", n) for n in range(3)]))
    assert ours.urgent
    ours.adopt(made(SOONER))
    checkpoint = ours.checkpoint(urgent=True)
    assert [json.loads(trigger)["playbookversion"] for _, trigger in checkpoint.triggers] == ["test-1"]
    ours.written(checkpoint)
    heir = partition(made(SOONER), stored(ours), epoch=2)
    account = heir.account("acme")
    assert account is not None
    assert account.counted == 3


def test_a_worker_that_starts_with_other_plays_looks_at_every_account_and_with_the_same_at_none() -> None:
    records = stored(two_users("a", "b"))
    assert partition(made(), records, epoch=2).outdated == 0
    heir = partition(made(LOWER, position=-1), records, epoch=2)
    assert heir.tick(START + 1.0, 100) == 2
    assert opened(heir) == [("a", "team_grew", "test-2"), ("b", "team_grew", "test-2")]


def test_whoever_comes_after_a_crash_looks_at_those_that_were_left() -> None:
    ours = two_users("a", "b", "c")
    records = stored(ours)
    ours.adopt(made(LOWER, position=7))
    ours.tick(START + 1.0, 1)
    assert len(opened(ours)) == 1
    records |= stored(ours)
    heir = partition(made(LOWER, position=7), records, epoch=2)
    assert (heir.outdated, heir.newest) == (2, 7)
    heir.tick(START + 1.0, 100)
    assert len(opened(heir)) == 2
    assert partition(made(), records, epoch=3).newest == 7  # known to one who has yet to hear of it


def test_a_deadline_of_the_plays_before_does_not_stand() -> None:
    records = stored(two_users("a"))
    heir = partition(made(SOONER), records, epoch=2)
    heir.tick(START + 1.0, 100)
    assert opened(heir) == []
    heir = partition(made(SOONER), stored(heir), epoch=3)
    assert heir.tick(START + 4 * DAY + 2.0, 100) == 1
    assert opened(heir) == [("a", "gone_quiet", "test-3")]


def test_scores_that_stay_the_same_are_published_anew_under_another_profile() -> None:
    ours = two_users("a")
    stored(ours)
    ours.adopt(made(PLAYS, RENAMED))
    ours.tick(START + 1.0, 100)
    ((_, health),) = ours.checkpoint().health
    assert json.loads(health)["profile"].partition("@")[2].startswith("renamed-")


def test_an_episode_of_a_play_that_is_gone_ends_with_it() -> None:
    ours = apply(partition(made()), chunk([track(n, "acme", n) for n in range(3)]))
    stored(ours)
    ours.adopt(made(WITHOUT))
    ours.tick(START + 1.0, 100)
    account = ours.account("acme")
    assert account is not None
    assert account.episodes["team_grew"][2] == "closed"


def test_a_play_that_is_added_opens_for_those_that_fit_it_and_the_others_go_on() -> None:
    ours = two_users("a")
    stored(ours)
    ours.adopt(made(ADDED))
    ours.tick(START + 1.0, 100)
    assert opened(ours) == [("a", "team_began", "test-5")]
    apply(ours, chunk([track("third", "a", 2)], first=2, at=START + 2.0))
    assert opened(ours) == [("a", "team_grew", "test-5")]
    ours.tick(START + 10 * DAY + 3.0, 100)
    assert opened(ours) == [("a", "gone_quiet", "test-5")]


def test_the_same_texts_published_again_change_nothing_but_the_position() -> None:
    ours = two_users("a")
    stored(ours)
    ours.adopt(made(position=5))
    assert (ours.outdated, ours.tick(START + 1.0, 100)) == (0, 0)


def test_an_edition_that_counts_other_things_is_refused() -> None:
    other = shipped("profile").replace("metrics:\n", f"metrics:\n{COUNTING}", 1)
    with pytest.raises(OtherLayoutError, match="keeps other things"):
        two_users("a").adopt(made(PLAYS, other))


def test_a_record_from_before_there_were_editions_is_read_and_looked_at() -> None:
    value = stored(two_users("a"))["a"]
    parts = msgspec.msgpack.decode(value[EPOCH_BYTES:])[:6]
    older = value[:EPOCH_BYTES] + msgspec.msgpack.encode(parts)
    assert decode(older).stamp == Stamp()
    assert partition(made(), {"a": older}, epoch=2).outdated == 1


def test_what_makes_two_layouts_differ_is_named() -> None:
    text = shipped("profile")
    profile = load_profile(text, file="profile.yaml")
    assert unlike(profile, load_profile(RENAMED, file="profile.yaml")) == []
    more = load_profile(text.replace("metrics:\n", f"metrics:\n{COUNTING}", 1), file="profile.yaml")
    assert unlike(profile, more) == ["metrics.logins is new"]
    assert unlike(more, profile) == ["metrics.logins is gone"]
    weekly = load_profile(
        text.replace("metrics:\n", f"metrics:\n{COUNTING.replace('[login]', '[sso]')}", 1), file="profile.yaml"
    )
    assert unlike(more, weekly) == ["metrics.logins counts other things"]
    signs = load_profile(f"signs_of_life: {{streams: [usage]}}\n{text}", file="profile.yaml")
    assert unlike(profile, signs) == ["signs_of_life"]


def test_one_that_is_written_again_before_its_turn_is_looked_at_all_the_same() -> None:
    ours = two_users("a")
    stored(ours)
    ours.adopt(made(LOWER))
    ours.rewrite({"a"})
    ours.written(ours.checkpoint(publish=False))  # a partition that catches up leaves health for later
    ours.written(ours.checkpoint())
    ours.tick(START + 1.0, 100)
    assert opened(ours) == [("a", "team_grew", "test-2")]
