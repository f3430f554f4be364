"""A request's body: read within bounds of size and time, whatever the sender claims, and unpacked within the same."""

import asyncio
import zlib

from starlette.requests import ClientDisconnect, Request

BODY_BYTES_MAX = 500 * 1024
"""Segment's own limit for a batch, counted after unpacking."""

BODY_S_MAX = 30.0
"""How long a sender may take for it: a slow one must not hold a connection for ever."""

GZIP = 16 + zlib.MAX_WBITS


class BodyError(Exception):
    """The body can't be used; `raw` is what was read of it, within bounds."""

    def __init__(self, status: int, reason: str, value: str, message: str, raw: bytes = b"") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.value = value
        self.raw = raw


async def read_body(request: Request) -> bytes:
    """The body, unpacked. Raises BodyError."""
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise BodyError(415, "encoding", encoding, "content-encoding may be gzip, or none")
    try:
        async with asyncio.timeout(BODY_S_MAX):
            body = await _read(request)
    except TimeoutError:
        raise BodyError(408, "timeout", "", f"the body did not arrive within {BODY_S_MAX:.0f} s") from None
    except ClientDisconnect:
        raise BodyError(400, "disconnected", "", "the sender went away") from None
    return _inflate(body) if encoding == "gzip" else body


async def _read(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        chunks.append(chunk)
        if size > BODY_BYTES_MAX:
            raise _too_large(b"".join(chunks))
    return b"".join(chunks)


def _inflate(packed: bytes) -> bytes:
    """The unpacked bytes; never makes more of them than is allowed, however well they are packed."""
    stream = zlib.decompressobj(GZIP)
    try:
        body = stream.decompress(packed, BODY_BYTES_MAX + 1)
    except zlib.error as error:
        raise BodyError(400, "encoding", "gzip", f"the body is not gzip: {error}", packed) from None
    if len(body) > BODY_BYTES_MAX:
        raise _too_large(packed)
    if not stream.eof or stream.unused_data:
        raise BodyError(400, "encoding", "gzip", "the body is not one whole gzip member", packed)
    return body


def _too_large(raw: bytes) -> BodyError:
    message = f"a request may hold at most {BODY_BYTES_MAX} bytes ({BODY_BYTES_MAX // 1024} KB)"
    return BodyError(400, "too_large", "", message, raw[:BODY_BYTES_MAX])
