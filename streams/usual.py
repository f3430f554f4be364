"""The usual message, read without pydantic: it becomes what streams/message.py defines, at a third of the cost.

Whatever is not usual (another call, another way to write a date, anything that may be wrong) is left to pydantic, which
alone refuses, and says why. A law holds the two together (tests/laws/test_decode_laws.py). It does not hold two things:
fields that nobody reads may be nested some thousand levels deep here, and 200 there; and digits of a date beyond the
microsecond are rounded here, and cut there.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import MsgspecError, ValidationError
from pydantic_core import PydanticCustomError

from scoring.event import Event
from scoring.storable import NUL_IN_JSON
from scoring.subject import is_cohort
from streams.message import EVENT_BYTES_MAX, TEXT_CHARS_MAX, bounded, viewed
from streams.shape import decode, fields

EARLIEST, LATEST = 946_771_200.0, 4_102_358_400.0
"""2000-01-02 and 2099-12-31: between them, no zone can move a date into a year that is refused."""

UNUSUAL = (MsgspecError, UnicodeDecodeError, RecursionError, PydanticCustomError)
"""Raised where pydantic must look."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_S: Final = 86_400
SECOND_US: Final = 1_000_000


def read(  # noqa: C901, PLR0912 - the hot path, in one place
    lines: Sequence[bytes],
    start: int,
    meanings: Mapping[str, tuple[str, str]],
    stream: str | None,
    latest: float,
    events: list[Event],
    *,
    plain: bool,
) -> int:
    """Add the events of the lines from `start` on, up to the first one where pydantic must look; its index.

    meanings: (stream, name) by the name that was sent; stream: wins over that; latest: no arrival is after it, unix
    seconds; plain: what `is_plain` says of the lines.
    """
    index, known = start, dict[str, tuple[str, str]]()  # of these lines, which have few names
    try:
        for index in range(start, len(lines)):
            line = lines[index]
            if len(line) > EVENT_BYTES_MAX:
                return index
            if not plain:
                if b"\\" in line and NUL_IN_JSON in line:  # one byte is found at half the cost
                    return index
                if not line.isascii():
                    line.decode()  # the decoder does not look into texts that it skips
            call, said, message_id, user_id, context, timestamp, received_at, sent, view, stated, traits = fields(
                decode(line)
            )
            at, arrived = _seconds(timestamp), _seconds(received_at)
            account: str | None = (context.group_id if context is not None else None) or stated
            if account is None or not EARLIEST <= at <= arrived <= latest or arrived > LATEST:
                return index
            # one that begins with a blank may be all blank; a cohort's subject has quotes, and so is never plain
            if plain and stated is None:
                if message_id < "!" or account < "!" or (user_id is not None and user_id < "!"):
                    return index
            elif (
                not _shown(f"{message_id}{account}{stated or ''}{user_id or ''}")
                or is_cohort(account)
                or is_cohort(stated or "")
            ):
                return index
            if call == "track":
                meaning = known.get(said or "")
                if meaning is None:
                    meaning = known[said or ""] = meanings[_checked(said or "")]
                place, name = meaning
                if stream is not None:
                    place = stream
            elif call == "group":
                if not stated:
                    return index
                account, place, name, sent = stated, "accounts", "group", traits  # whatever stream the caller names
            else:
                place, name = stream or "usage", viewed(call, _checked(view or ""))
            if sent is None:
                sent = {}
            else:
                for value in sent.values():
                    if not isinstance(value, str) or len(value) > TEXT_CHARS_MAX:
                        bounded(sent)
                        break
            events.append(Event(account, place, name, at, arrived, message_id, user_id, sent))
    except UNUSUAL:
        return index
    return len(lines)


def _seconds(instant: datetime) -> float:
    """The same as `instant.timestamp()`, to the last bit, at two thirds of its cost."""
    passed = instant - EPOCH
    days: int = passed.days
    seconds: int = passed.seconds
    microseconds: int = passed.microseconds
    return float((days * DAY_S + seconds) * SECOND_US + microseconds) / SECOND_US


def is_plain(lines: Sequence[bytes]) -> bool:
    """Whether all texts in the lines hold only what shows in ASCII: asked of all bytes at once, it need not be asked of
    each text. (What is below a blank, the decoder refuses.)
    """
    text = b"".join(lines)
    return text.isascii() and b"\\" not in text and b"\x7f" not in text


def _shown(ids: str) -> bool:
    """Whether ids hold only what shows. None of them could be blank then."""
    return ids.isprintable() and " " not in ids


def _checked(sent: str) -> str:
    """A name that certainly is one: it does not begin with a blank, and holds nothing that does not show."""
    if sent[:1] > " " and sent.isprintable():
        return sent
    raise ValidationError
