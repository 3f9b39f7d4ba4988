"""Lines come out the same however bytes arrive, and no input makes the reader hold more than a few blocks."""

import gzip
import io
import tracemalloc

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.core.errors import FormatError
from profiler.formats.base import DEFAULT_LIMITS, BinaryStream, Limits, Skips
from profiler.formats.lines import REPLACED, REPLACED_UTF16, LineReader, preview
from tests.formats.support import Endless, Trickle

MB = 2**20


def read(data: bytes | BinaryStream, limits: Limits = DEFAULT_LIMITS, skips: Skips | None = None) -> list[str]:
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    return [line for _, line in LineReader(stream, "file", limits, skips or Skips())]


@pytest.mark.parametrize(
    "data",
    [
        b"a\nb\xc3\xa9",
        b"a\nb\xc3\xa9\n",
        b"a\r\nb\xc3\xa9\r\n",
        b"\xef\xbb\xbfa\nb\xc3\xa9\n",
        "\ufeffa\nbé\n".encode("utf-16-le"),
        "\ufeffa\r\nbé\r\n".encode("utf-16-be"),
        gzip.compress(b"a\n") + gzip.compress(b"b\xc3\xa9\n"),
        gzip.compress(b"a\nb\xc3\xa9\n") + bytes(512),
        zstandard.compress(b"a\n") + zstandard.compress(b"b\xc3\xa9\n"),
        gzip.compress("\ufeffa\nbé\n".encode("utf-16-le")),
    ],
    ids=["plain", "ended", "crlf", "bom", "utf16le", "utf16be-crlf", "gzip", "gzip-padded", "zstd", "gzip-utf16"],
)
@pytest.mark.parametrize("step", [1, 3, 4096])
def test_every_encoding_and_compression_gives_the_same_lines(data: bytes, step: int) -> None:
    assert read(Trickle(data, step)) == ["a", "bé"]


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\r\n\ufeff"), max_size=30)), st.integers(1, 7))
def test_lines_are_numbered_and_whole_whatever_the_chunks(lines: list[str], step: int) -> None:
    data = "".join(line + "\n" for line in lines).encode(errors="replace")
    expected = data.decode().split("\n")[:-1]
    if data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        return  # a magic number: not text
    numbered = list(LineReader(Trickle(data, step), "file", DEFAULT_LIMITS, Skips()))
    assert numbered == list(enumerate(expected, 1))


def test_invalid_utf8_is_replaced_and_counted_but_a_real_replacement_character_is_not() -> None:
    skips = Skips()
    assert read(b"a\xff;b\xfe 1\n" + "�\n".encode(), skips=skips) == ["a�;b� 1", "�"]
    assert skips.counts == {REPLACED: 2}


def test_an_odd_byte_of_utf16_is_replaced_and_counted() -> None:
    skips = Skips()
    assert read("\ufeffab".encode("utf-16-le") + b"c", skips=skips) == ["ab�"]
    assert skips.counts == {REPLACED_UTF16: 1}


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_a_line_that_is_too_long_is_skipped_counted_and_numbered(step: int) -> None:
    skips = Skips()
    data = b"one\n" + b"x" * 50 + b"\nthree\n" + b"y" * 50
    reader = LineReader(Trickle(data, step), "file", Limits(line_bytes=20), skips)
    assert list(reader) == [(1, "one"), (3, "three")]
    assert skips.counts == {"line longer than 20 bytes": 2}
    assert skips.first == "line 2: line longer than 20 bytes"


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_compressed_data_that_was_cut_is_refused(compress: "type[bytes]") -> None:
    whole = compress(bytes(range(256)) * 100)
    with pytest.raises(FormatError, match=r"file: the (gzip|zstd) data ends in the middle"):
        read(whole[: len(whole) // 2])


def test_damaged_compressed_data_is_refused() -> None:
    data = bytearray(gzip.compress(bytes(range(256)) * 100))
    data[200:210] = b"xxxxxxxxxx"
    with pytest.raises(FormatError, match=r"file: the gzip data is damaged .*: copy or upload the file again"):
        read(bytes(data))


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_bomb_is_refused_at_the_limit_in_little_memory(kind: str) -> None:
    zeros = bytes(400 * MB)
    bomb = gzip.compress(zeros, 1) if kind == "gzip" else zstandard.compress(zeros)
    del zeros
    tracemalloc.start()
    with pytest.raises(FormatError, match="file, unpacked, has more than 104,857,600 bytes"):
        read(bomb, Limits(input_bytes=100 * MB))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 80 * MB


def test_five_gigabytes_in_one_line_are_refused_at_the_limit_in_little_memory() -> None:
    stream = Endless(b"a;", 5 * 10**9)
    tracemalloc.start()
    with pytest.raises(FormatError, match="the file has more than 2,147,483,648 bytes"):
        read(stream)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * MB
    assert stream.given < DEFAULT_LIMITS.input_bytes + MB


def test_a_preview_leaves_out_a_last_line_that_was_cut() -> None:
    assert preview(b"a 1\nb 2", DEFAULT_LIMITS, whole=False).text == "a 1"
    assert preview(b"a 1\nb 2", DEFAULT_LIMITS, whole=True).text == "a 1\nb 2"
    cut = gzip.compress(b"a;b 1\n" * 1000 + bytes(range(256)))[:-30]
    assert preview(cut, DEFAULT_LIMITS, whole=False).text.startswith("a;b 1\na;b 1\n")
