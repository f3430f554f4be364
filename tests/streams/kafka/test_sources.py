"""Dark sources, without a broker."""

from streams.kafka.sources import BLIND_LOOKS, REVIEWED, Source, Sources
from streams.replay import RETURN_GRACE_S

HOUR = 3_600.0


def test_a_source_is_dark_when_nothing_came_for_longer_than_it_may_be_quiet() -> None:
    source = Source(HOUR)
    assert (source.note(10 * HOUR, 9.5 * HOUR), source.dark, source.silent) == (None, False, False)
    assert (source.note(11 * HOUR, None), source.dark, source.silent) == ("dark", True, True)
    assert source.note(12 * HOUR, None) is None


def test_after_its_return_silence_counts_again_when_its_senders_had_as_long_as_it_took() -> None:
    source = Source(HOUR)
    source.note(11 * HOUR, None)  # quiet since 10 h
    assert (source.note(13 * HOUR, 12.5 * HOUR), source.dark, source.silent) == ("returned", False, True)
    assert source.note(14.9 * HOUR, 14 * HOUR) is None
    assert (source.note(15 * HOUR, 14 * HOUR), source.silent) == ("counts", False)


def test_its_senders_have_a_day_at_most() -> None:
    source = Source(HOUR)
    source.note(10 * HOUR, None)
    back = 1_000 * HOUR
    source.note(back, back)
    source.note(back + RETURN_GRACE_S - 1.0, back + RETURN_GRACE_S - 1.0)
    assert source.silent
    source.note(back + RETURN_GRACE_S, back + RETURN_GRACE_S)
    assert not source.silent


def test_what_comes_back_and_is_quiet_again_is_dark_again() -> None:
    source = Source(HOUR)
    source.note(11 * HOUR, None)
    source.note(12 * HOUR, 11.9 * HOUR)
    assert (source.note(13 * HOUR, None), source.dark) == ("dark", True)


def test_a_stream_that_never_had_a_message_is_not_dark() -> None:
    source = Source(HOUR)
    assert (source.note(10 * HOUR, None, ever=False), source.silent) == (None, False)
    assert source.note(11 * HOUR, 10.5 * HOUR) is None  # its first: it did not come back, it began


def test_a_message_after_the_instant_that_is_looked_at_tells_nothing_of_it() -> None:
    source = Source(HOUR)
    assert source.note(10 * HOUR, 10.5 * HOUR) == "dark"


def test_a_worker_that_starts_after_a_return_knows_of_it() -> None:
    sources = Sources({"usage": HOUR})
    arrivals = [70 * HOUR, 95 * HOUR, 95.5 * HOUR]
    now = 96 * HOUR
    source = sources.streams["usage"]
    for at in (*sources.reviewed(now), now):
        source.note(at, min((arrived for arrived in arrivals if arrived >= at - HOUR), default=None))
    assert (source.dark, source.silent) == (False, True)
    assert len([*sources.reviewed(now)]) == REVIEWED


def test_only_the_streams_that_silence_is_made_of_hold_it_back() -> None:
    sources = Sources({"usage": HOUR, "cs": HOUR})
    sources.streams["cs"].note(10 * HOUR, None)
    assert not sources.silent(("usage", "advocacy"))
    assert sources.silent(("cs",))


def test_nothing_is_known_before_the_first_look_and_when_no_look_succeeded_for_a_while() -> None:
    sources = Sources({"usage": 4.0})
    assert (sources.look_s, sources.blind(100.0)) == (1.0, True)
    sources.looked(100.0)
    assert not sources.blind(100.0 + BLIND_LOOKS)
    assert sources.blind(100.1 + BLIND_LOOKS)
    assert not Sources({}).blind(100.0)  # whoever watches no source has nothing to wait for
