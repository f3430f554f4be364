"""Reads event files: plain, gzip or Zstandard, or standard input; as chunks of whole lines, in bounded memory.

How a file is compressed is told from its first bytes, not from its name, so that standard input may be compressed too.
"""

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, cast

import zstandard

from streams.dead_letter import DeadLetter, Place
from streams.message import EVENT_BYTES_MAX

BLOCK_BYTES = 1024 * 1024
"""Decompressed and cut into lines at a time: some thousand events, so that a chunk's fixed costs vanish."""

LINE_BYTES_MAX = BLOCK_BYTES
"""A line beyond this is not kept whole. Far over the limit of an event (32 KB), so that one that is merely too large
still ends as a dead letter with all of its bytes; far below what would fill the memory."""

KEPT_BYTES_MAX = 64 * 1024
"""Of a line that is not kept whole, this much of its beginning is: enough to tell what it was."""

WINDOW_BYTES_MAX = 128 * 1024 * 1024
"""Memory that a Zstandard file may claim for its window: the most that zstd itself grants without being asked."""

ZSTD_INPUT_BYTES = 512
"""Compressed bytes taken in one call. Zstandard can make 128 KB of 4 bytes, so a bomb gets 16 MB at most."""

STDIN = "-"

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"  # after a first byte from 0x50 to 0x5f; parallel compressors begin with such a frame
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class SourceError(Exception):
    """A file that cannot be read, or not to its end; says which one, where, and why."""


class Chunk(NamedTuple):
    """Whole lines that stand together, without their line ends."""

    place: Place
    """Of the first line."""
    lines: list[bytes]
    overlong: DeadLetter | None
    """The line before these, when it was too long to be kept."""
    read_bytes: int
    """Bytes of the file read so far, as stored: with its size, the progress. 0 for a pipe."""


def read(path: str) -> Iterator[Chunk]:
    """The lines of a file, `-` for standard input; SourceError when it cannot be opened, is cut short, or is damaged.

    What stood before the damage has been given by then.
    """
    if path == STDIN:
        yield from read_stream(cast(io.BufferedIOBase, sys.stdin.buffer), "stdin")
        return
    try:
        stream = Path(path).open("rb")  # noqa: SIM115 - what fails within the loop is no failure to open
    except OSError as error:
        raise SourceError(f"{path}: cannot be opened: {error.strerror or error}") from None
    with stream:
        yield from read_stream(stream, path)


def read_stream(stream: io.BufferedIOBase, origin: str) -> Iterator[Chunk]:
    """The lines of an open binary stream; `origin` names it in places and messages."""
    lines = _Lines(origin)
    seekable = stream.seekable()
    try:
        for block in _blocks(stream):
            chunk = lines.take(block, stream.tell() if seekable else 0)
            if chunk is not None:
                yield chunk
    except (OSError, EOFError, zlib.error, zstandard.ZstdError, UnicodeError) as error:
        raise SourceError(f"{origin}: cannot be read after line {lines.number - 1}: {error}") from None
    chunk = lines.finish(stream.tell() if seekable else 0)
    if chunk is not None:
        yield chunk


def _blocks(stream: io.BufferedIOBase) -> Iterator[bytes]:
    """The plain bytes, at most BLOCK_BYTES at a time; a slow pipe is not waited for until a block is full."""
    head = _head(stream)
    if head.startswith(_UTF16_MARKS):
        raise UnicodeError("it is UTF-16 text; convert it to UTF-8")
    if head.startswith(_GZIP):
        plain: io.BufferedIOBase = gzip.GzipFile(fileobj=stream)
    elif head == _ZSTD or (head[1:] == _ZSTD_SKIPPABLE and 0x50 <= head[0] <= 0x5F):
        yield from _decompressed(stream)
        return
    else:
        plain = stream
    while block := plain.read1(BLOCK_BYTES):
        yield block


def _head(stream: io.BufferedIOBase) -> bytes:
    """The first bytes, which are read again later; nothing where that is not possible."""
    if isinstance(stream, io.BufferedReader):
        return stream.peek(len(_ZSTD))[: len(_ZSTD)]
    if not stream.seekable():
        return b""
    start = stream.tell()
    head = stream.read(len(_ZSTD))
    stream.seek(start)
    return head


def _decompressed(stream: io.BufferedIOBase) -> Iterator[bytes]:
    """The plain bytes of Zstandard frames. The package's own reader takes a file cut short for a whole one."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES_MAX)
    frame = None
    while compressed := stream.read1(ZSTD_INPUT_BYTES):
        while compressed:
            frame = frame or decompressor.decompressobj()
            plain = frame.decompress(compressed)
            for start in range(0, len(plain), BLOCK_BYTES):
                yield plain[start : start + BLOCK_BYTES]
            compressed = b""
            if frame.eof:
                compressed, frame = frame.unused_data, None
    if frame is not None:
        raise EOFError("it is cut short: its last Zstandard frame does not end")


class _Lines:
    """Cuts blocks into lines; what is left of a block waits for the next."""

    def __init__(self, origin: str) -> None:
        self.number = 1
        """Of the next line."""
        self._origin = origin
        self._rest = b""
        self._overlong = 0
        """Length so far of the over-long line that we are in; of such a line `_rest` is what is kept."""

    def take(self, block: bytes, read_bytes: int) -> Chunk | None:
        """The lines that end in this block."""
        if self._overlong:
            end = block.find(b"\n")
            if end < 0:
                self._overlong += len(block)
                return None
            overlong = self._end_overlong(self._overlong + end)
            return self._chunk(block[end + 1 :].split(b"\n"), overlong, read_bytes)
        return self._chunk((self._rest + block).split(b"\n"), None, read_bytes)

    def finish(self, read_bytes: int) -> Chunk | None:
        """The last line, when no line end follows it."""
        if self._overlong:
            return self._chunk([b""], self._end_overlong(self._overlong), read_bytes)
        return self._chunk([self._rest, b""], None, read_bytes) if self._rest else None

    def _chunk(self, lines: list[bytes], overlong: DeadLetter | None, read_bytes: int) -> Chunk | None:
        """`lines` and, as the last of them, what may go on in the next block."""
        if self.number == 1 and lines[0].startswith(_UTF8_MARK):
            lines[0] = lines[0].removeprefix(_UTF8_MARK)
        rest = lines.pop()
        if lines and len(lines[0]) > LINE_BYTES_MAX:  # only the first can be: the others lie within a block
            self._rest = lines[0][:KEPT_BYTES_MAX]
            overlong = self._end_overlong(len(lines.pop(0)))
        place = Place(self._origin, self.number)
        self.number += len(lines)
        self._rest = rest
        if len(rest) > LINE_BYTES_MAX:
            self._rest, self._overlong = rest[:KEPT_BYTES_MAX], len(rest)
        return Chunk(place, lines, overlong, read_bytes) if lines or overlong else None

    def _end_overlong(self, length: int) -> DeadLetter:
        kept, self._rest, self._overlong = self._rest, b"", 0
        letter = DeadLetter(
            reason="too_large",
            field="",
            value="",
            message=f"a line of {length} bytes, at most {EVENT_BYTES_MAX}; only its first {len(kept)} bytes are kept",
            raw=kept,
            position=Place(self._origin, self.number).position(0),
            item=0,
            at=None,
        )
        self.number += 1
        return letter
