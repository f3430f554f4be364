"""Event files come in as whole lines with their places, however they are stored, in bounded memory."""

import gzip
import io
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from streams.dead_letter import Place
from streams.source import BLOCK_BYTES, KEPT_BYTES_MAX, LINE_BYTES_MAX, SourceError, read, read_stream

LINES = [f'{{"number": {number}}}'.encode() for number in range(100_000)]  # some chunks of a megabyte
PLAIN = b"\n".join(LINES) + b"\n"


def gzipped(plain: bytes) -> bytes:
    return gzip.compress(plain, 1)


def zstandardised(plain: bytes) -> bytes:
    return zstandard.compress(plain)


def streamed_zstandard(plain: bytes) -> bytes:
    """As the command line tool writes it: without the length in its header, in several frames."""
    half = len(plain) // 2
    written = io.BytesIO()
    for part in (plain[:half], plain[half:]):
        with zstandard.ZstdCompressor().stream_writer(written, closefd=False) as writer:
            writer.write(part)
    return written.getvalue()


def parallel_zstandard(plain: bytes) -> bytes:
    """As parallel compressors write it: each frame after a skippable one."""
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
    return skippable + zstandard.compress(plain)


def plain_bytes(plain: bytes) -> bytes:
    return plain


Store = Callable[[bytes], bytes]
STORED: list[Store] = [plain_bytes, gzipped, zstandardised, streamed_zstandard, parallel_zstandard]


def file(folder: Path, content: bytes, name: str = "events") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def lines_of(path: str) -> list[bytes]:
    return [line for chunk in read(path) for line in chunk.lines]


@pytest.mark.parametrize("store", STORED)
def test_the_lines_are_the_same_however_the_file_is_stored(store: Store, tmp_path: Path) -> None:
    path = file(tmp_path, store(PLAIN))
    number = 1
    for chunk in read(path):
        assert chunk.place == Place(path, number)
        number += len(chunk.lines)
        assert len(b"\n".join(chunk.lines)) <= 2 * BLOCK_BYTES
    assert lines_of(path) == LINES


def test_the_progress_grows_to_the_files_size(tmp_path: Path) -> None:
    path = file(tmp_path, PLAIN)
    progress = [chunk.read_bytes for chunk in read(path)]
    assert progress == sorted(progress)
    assert progress[-1] == len(PLAIN)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"a", [b"a"]),
        (b"a\nb", [b"a", b"b"]),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\r\nb\r\n", [b"a\r", b"b\r"]),
        (b"\n\na\n\n", [b"", b"", b"a", b""]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb", [b"a", b"\xef\xbb\xbfb"]),
        (b"\x00\xff\n\x1f\x8b", [b"\x00\xff", b"\x1f\x8b"]),
    ],
)
def test_lines_are_cut_at_line_feeds_alone_and_a_byte_order_mark_is_dropped(
    content: bytes, expected: list[bytes], tmp_path: Path
) -> None:
    assert lines_of(file(tmp_path, content)) == expected


def test_a_line_too_long_to_keep_is_one_dead_letter_with_its_beginning_and_length(tmp_path: Path) -> None:
    long = b"[" * (3 * LINE_BYTES_MAX + 17)
    path = file(tmp_path, b"before\n" + long + b"\nafter\n" + long)
    chunks = list(read(path))
    assert [line for chunk in chunks for line in chunk.lines] == [b"before", b"after"]
    letters = [chunk.overlong for chunk in chunks if chunk.overlong]
    assert [(letter.position, letter.reason) for letter in letters] == [
        (f"{path}:2", "too_large"),
        (f"{path}:4", "too_large"),
    ]
    assert all(letter.raw == long[:KEPT_BYTES_MAX] for letter in letters)
    assert f"a line of {len(long)} bytes" in letters[0].message


@pytest.mark.parametrize("store", [gzipped, zstandardised])
def test_a_decompression_bomb_does_not_fill_the_memory(store: Store, tmp_path: Path) -> None:
    path = file(tmp_path, store(b"a" * 200_000_000 + b"\nlast"))
    tracemalloc.start()
    chunks = list(read(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 48_000_000
    assert [chunk.lines for chunk in chunks if chunk.lines] == [[b"last"]]
    assert [len(chunk.overlong.raw) for chunk in chunks if chunk.overlong] == [KEPT_BYTES_MAX]


@pytest.mark.parametrize("store", [gzipped, zstandardised, streamed_zstandard])
@pytest.mark.parametrize("kept", [0.5, 0.9999])
def test_a_file_cut_short_gives_what_it_holds_and_then_says_so(store: Store, kept: float, tmp_path: Path) -> None:
    stored = store(PLAIN)
    path = file(tmp_path, stored[: int(len(stored) * kept)])
    got: list[bytes] = []
    with pytest.raises(SourceError, match=r"cannot be read after line \d+") as caught:
        got.extend(line for chunk in read(path) for line in chunk.lines)
    assert str(caught.value).startswith(f"{path}: cannot be read after line {len(got)}: ")
    assert got == LINES[: len(got)]
    assert len(got) > 1_000


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (gzipped(PLAIN) + b"tail", "Not a gzipped file"),
        (zstandardised(PLAIN) + b"tail", "Unknown frame descriptor"),
        (gzipped(PLAIN)[:-8] + b"\0" * 8, "CRC check failed"),
        (PLAIN.decode().encode("utf-16"), "UTF-16"),
    ],
    ids=["bytes after gzip", "bytes after zstd", "wrong checksum", "UTF-16"],
)
def test_a_damaged_file_is_named_with_what_is_wrong(stored: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=message):
        lines_of(file(tmp_path, stored))


def test_a_zstandard_file_that_claims_too_much_memory_is_refused(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=28, write_content_size=False)
    written = io.BytesIO()
    with zstandard.ZstdCompressor(compression_params=parameters).stream_writer(written, closefd=False) as writer:
        writer.write(PLAIN)
    with pytest.raises(SourceError, match="requires too much memory"):
        lines_of(file(tmp_path, written.getvalue()))


def test_a_file_that_is_not_there_or_is_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"missing\.jsonl: cannot be opened: No such file"):
        lines_of(str(tmp_path / "missing.jsonl"))
    with pytest.raises(SourceError, match="cannot be opened: Is a directory"):
        lines_of(str(tmp_path))


@pytest.mark.parametrize("store", STORED)
def test_standard_input_may_be_stored_in_any_way_too(store: Store) -> None:
    script = (
        "from streams.source import read\n"
        "print([(chunk.place.position(i), line) for chunk in read('-') for i, line in enumerate(chunk.lines)])"
    )
    done = subprocess.run([sys.executable, "-c", script], input=store(b"a\nb\n"), capture_output=True, check=True)
    assert done.stdout.decode() == "[('stdin:1', b'a'), ('stdin:2', b'b')]\n"


def test_standard_input_that_is_a_stand_in_works_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzipped(b"a\nb"))))
    assert lines_of("-") == [b"a", b"b"]


@pytest.fixture
def pipe() -> Iterator[tuple[io.BufferedReader, io.RawIOBase]]:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "wb", buffering=0) as writer:
        yield reader, writer


def test_a_line_is_given_as_soon_as_a_slow_pipe_has_it(pipe: tuple[io.BufferedReader, io.RawIOBase]) -> None:
    reader, writer = pipe
    chunks = read_stream(reader, "pipe")
    writer.write(b'{"n":1}\n{"n":')
    assert next(chunks).lines == [b'{"n":1}']
    writer.write(b"2}\n")
    assert next(chunks).lines == [b'{"n":2}']
    writer.close()
    assert list(chunks) == []
