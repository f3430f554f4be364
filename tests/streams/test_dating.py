"""When it happened, when it arrived: Segment's four timestamps, any of which may be missing or wrong."""

from datetime import UTC, datetime
from typing import Any

import pytest

from streams.dating import FUTURE_TOLERANCE_S, SKEW_TOLERANCE_S
from streams.vocabulary import shipped
from streams.wire import decode
from tests.streams.messages import AT, AT_S, line


def iso(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).isoformat()


def dates(
    *, now: float | None = None, wall: float | None = None, live: bool = False, **fields: Any
) -> tuple[float, float]:
    decoded = decode([line(**fields)], vocabulary=shipped(), now=now, wall=wall, live=live)
    assert decoded.dead == []
    return decoded.events[0].at, decoded.events[0].arrived


def reason(
    *, now: float | None = None, wall: float | None = None, live: bool = False, **fields: Any
) -> tuple[str, str]:
    decoded = decode([line(**fields)], vocabulary=shipped(), now=now, wall=wall, live=live)
    assert decoded.events == []
    return decoded.dead[0].reason, decoded.dead[0].field


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-03-01T09:30:00Z", 0.0),
        ("2026-03-01T09:30:00.000Z", 0.0),
        ("2026-03-01T09:30:00.125Z", 0.125),
        ("2026-03-01T09:30:00,5Z", 0.5),
        ("2026-03-01T09:30:00.123456789Z", 0.123456),
        ("2026-03-01T11:30:00+02:00", 0.0),
        ("2026-03-01T11:30:00+0200", 0.0),
        ("2026-03-01 11:30:00+02", 0.0),
        ("2026-02-28T21:30:00-12:00", 0.0),
        ("2026-03-01T09:30Z", 0.0),
        ("2026-03-01 09:30:00", 0.0),
        ("2026-03-01T09:30:00.250", 0.25),
        ("2026-03-01t09:30:00z", 0.0),
        ("2026-03-01", -34_200.0),
    ],
)
def test_dates_are_read_as_libraries_and_databases_write_them_and_without_a_zone_they_are_utc(
    written: str, seconds: float
) -> None:
    at, arrived = dates(timestamp=written, receivedAt="2026-03-02T00:00:00Z")
    assert at == pytest.approx(AT_S + seconds, abs=1e-6)
    assert arrived == AT_S + 52_200


@pytest.mark.parametrize(
    ("timestamp", "received", "now", "expected"),
    [
        (AT, iso(AT_S + 9), None, (AT_S, AT_S + 9)),
        (AT, iso(AT_S + 9), AT_S + 99, (AT_S, AT_S + 9)),
        (..., iso(AT_S + 9), None, (AT_S + 9, AT_S + 9)),
        (AT, ..., None, (AT_S, AT_S)),
        (AT, ..., AT_S + 99, (AT_S, AT_S + 99)),
        (..., ..., AT_S + 99, (AT_S + 99, AT_S + 99)),
    ],
)
def test_one_date_stands_in_for_the_other(
    timestamp: Any, received: Any, now: Any, expected: tuple[float, float]
) -> None:
    assert dates(timestamp=timestamp, receivedAt=received, now=now) == expected


def test_without_any_date_a_message_is_refused() -> None:
    assert reason(timestamp=..., receivedAt=None) == ("missing_field", "timestamp")


def test_a_date_somewhat_ahead_of_its_arrival_counts_as_of_its_arrival() -> None:
    assert dates(timestamp=iso(AT_S + FUTURE_TOLERANCE_S)) == (AT_S, AT_S)
    assert reason(timestamp=iso(AT_S + FUTURE_TOLERANCE_S + 1)) == ("future", "timestamp")


def test_nothing_can_have_arrived_after_the_wall_clock() -> None:
    assert dates(wall=AT_S - FUTURE_TOLERANCE_S) == (AT_S, AT_S)
    assert reason(wall=AT_S - FUTURE_TOLERANCE_S - 1) == ("future", "receivedAt")
    assert reason(wall=AT_S - FUTURE_TOLERANCE_S - 1, receivedAt=...) == ("future", "timestamp")


def test_a_live_message_arrives_now_whatever_it_says() -> None:
    late = AT_S + 1_000
    assert dates(now=late, live=True, receivedAt=iso(AT_S + 5)) == (AT_S, late)
    assert dates(now=late, live=True, receivedAt=iso(AT_S + 10**8)) == (AT_S, late)


@pytest.mark.parametrize("off_s", [-10 * 365 * 86_400.0, -7_200.0, 7_200.0, 10 * 365 * 86_400.0])
def test_a_clients_clock_that_is_off_is_corrected_by_sent_at(off_s: float) -> None:
    """Segment's formula: it happened 300 s before it was sent, so 300 s before it arrived."""
    sent = AT_S + off_s
    assert dates(now=AT_S, live=True, timestamp=iso(sent - 300), sentAt=iso(sent)) == (AT_S - 300, AT_S)
    assert dates(now=AT_S, live=True, timestamp=AT, originalTimestamp=iso(sent - 300), sentAt=iso(sent)) == (
        AT_S - 300,
        AT_S,
    )


def test_a_clock_that_is_right_but_for_the_network_is_left_alone() -> None:
    sent = AT_S - SKEW_TOLERANCE_S
    assert dates(now=AT_S, live=True, timestamp=iso(sent - 300), sentAt=iso(sent)) == (sent - 300, AT_S)


def test_a_history_that_is_imported_live_keeps_its_dates() -> None:
    assert dates(now=AT_S, live=True, timestamp="2020-01-01T00:00:00Z", sentAt=AT)[0] == 1_577_836_800.0


def test_a_correction_never_leads_before_the_year_2000() -> None:
    skewed: dict[str, Any] = {"timestamp": "2000-01-01T00:00:00Z", "sentAt": "2099-01-01T00:00:00Z"}
    assert reason(now=AT_S, live=True, **skewed) == ("bad_date", "timestamp")


def test_archives_are_corrected_already_and_their_sent_at_is_not_even_read() -> None:
    assert dates(sentAt="garbage", originalTimestamp=5, timestamp=iso(AT_S - 9)) == (AT_S - 9, AT_S)


def test_live_messages_need_to_know_the_time() -> None:
    with pytest.raises(ValueError, match="`now` is missing"):
        dates(live=True)
