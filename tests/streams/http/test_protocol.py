"""What comes beside a request's body is bounded, however it is sent: 431, and the connection ends."""

import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from streams.http.protocol import HEAD_BYTES_MAX, HEADERS_MAX
from tests.streams.http.served import Served

START = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n"
PIECE = b"x" * 65_536
PIECES = 200
"""More than any buffer between holds, and less than a test's patience."""


def answered(served: Served, *pieces: bytes) -> bytes:
    """What comes back, until the other side closes."""
    where = urlsplit(served.url)
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        with suppress(ConnectionError):  # it need not listen to the end
            for piece in pieces:
                connection.sendall(piece)
        said = b""
        with suppress(ConnectionError):
            while more := connection.recv(65_536):
                said += more
    return said


HALF = b"y" * (HEAD_BYTES_MAX // 2 + 1)


@pytest.mark.parametrize(
    "head",
    [
        START + b"".join(b"X-%d: y\r\n" % n for n in range(HEADERS_MAX)) + b"X",
        START + b"X-A: " + HALF + b"\r\nX-B: " + HALF + b"\r\nX",
        b"GET /readyz?" + HALF + HALF,
    ],
    ids=["many headers", "long headers", "a long path"],
)
def test_a_head_over_the_limits_is_answered_by_431(served: Served, head: bytes) -> None:
    """At the byte that is too much: nothing is left unread, and so the answer arrives."""
    assert answered(served, head).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("start", [START, START + b"X-Reader: "], ids=["a name", "a value"])
def test_a_header_that_does_not_end_ends_the_connection(served: Served, start: bytes) -> None:
    """By 431, unless that is lost with what was sent and not read any more; and while the sender still waits."""
    assert answered(served, start + 10 * HALF)[:13] in (b"HTTP/1.1 431 ", b"")


@pytest.mark.parametrize(
    "start", [b"X-Reader: ", b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: "], ids=["header", "trailer"]
)
def test_a_header_that_never_ends_is_not_kept(served: Served, start: bytes) -> None:
    """The parser gives a header only when it has ended: what it holds until then is bounded as well."""
    before = resident(served)
    answered(served, START.replace(b"GET /readyz", b"POST /v1/track"), start, *[PIECE] * PIECES)
    assert resident(served) - before < len(PIECE) * PIECES / 2
    assert served.client.get("/readyz").status_code == 200


def resident(served: Served) -> int:
    """Bytes of the service."""
    assert served.process is not None
    status = Path(f"/proc/{served.process.pid}/status").read_text(encoding="ascii")
    return 1_024 * int(status.split("VmHWM:")[1].split()[0])


def test_a_head_within_the_limits_is_taken_though_bodies_are_long(served: Served) -> None:
    """Several requests on one connection, each with a body longer than a head may be."""
    body = b'{"batch": [], "context": {"note": "%s"}}' % (b"z" * 2 * HEAD_BYTES_MAX)
    head = b"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n" % len(body)
    fill = b"X-Fill: " + b"y" * (HEAD_BYTES_MAX // 2) + b"\r\n"
    one, last = head + fill + b"\r\n" + body, head + b"Connection: close\r\n\r\n" + body
    said = answered(served, one + one + last)
    assert b" 431 " not in said
    assert said.count(b"HTTP/1.1 ") == 3


def test_what_was_wrong_with_a_parameter_is_told_by_its_beginning(served: Served) -> None:
    answer = served.client.get("/v1/scorecard", headers={"X-Reader": "y" * 50_000})
    assert answer.status_code == 422
    assert len(answer.content) < 1_000
    assert "X-Reader" in answer.text or "x-reader" in answer.text
