"""A file is known by its content; one that is not says what was looked for."""

import gzip
import io
import zlib
from pathlib import Path

import pytest
import zstandard

from profiler.core.errors import FormatError
from profiler.formats import registry
from profiler.formats.base import BinaryStream
from tests.formats.support import SAMPLES, Trickle, stacks

PERF = b"a 1 cycles:\n\tff f (/m)\n\n"
FOLDED = b"main;work 3\n"


@pytest.mark.parametrize("path", sorted((SAMPLES / "perf-script").glob("*.txt")), ids=lambda path: path.stem)
def test_text_of_perf_is_known_by_its_content(path: Path) -> None:
    guesses = registry.sniff(path.read_bytes(), "upload")
    assert guesses[0].format == "perf-script"
    assert guesses[0].confidence > 0.9
    assert guesses[1].confidence < 0.5


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (PERF, "perf-script"),
        (b"# ========\n# hostname : a\n#\n" + PERF, "perf-script"),
        (b"a 1 5.5: 1 cycles:  ff f (/m)\n", "perf-script"),
        (b"a 1 cycles: \nb 2 cycles: \n", "perf-script"),
        (FOLDED, "folded"),
        (b"# comment\nmain;work 3\nbroken\n", "folded"),
        (b"main 3\n", "folded"),
        (b"dd;[unknown];read 6 4\n", "folded"),
        ("\ufeffmain;work 3\n".encode("utf-16-le"), "folded"),
        (gzip.compress(PERF, mtime=0), "perf-script"),
        (zstandard.compress(FOLDED), "folded"),
    ],
)
def test_what_a_file_is_does_not_depend_on_its_name(data: bytes, format_: str) -> None:
    assert registry.sniff(data, "noname", whole=True)[0].format == format_
    assert registry.load(Trickle(data, 5), "noname")[0].total


def test_a_large_file_is_read_whole_after_sniffing() -> None:
    data = FOLDED * 50_000
    assert len(data) > 4 * registry.HEAD_BYTES
    for stream in (Trickle(data, 4099), io.BytesIO(gzip.compress(data))):
        typed: BinaryStream = stream
        (profile,) = registry.load(typed, "large")
        assert stacks(profile) == {"main;work": 150_000}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "f: the file is empty"),
        (b"# only\n# comments\n", "found nothing but comments"),
        (b'{"nodes": [\n "x": 1\n]}', "folded: looks like JSON"),
        (b"<svg>\na 1\n</svg>", "folded: looks like JSON, HTML or XML"),
        (bytes(range(256)) * 20, "f: it has NUL bytes, so it is not text"),
        (b"PERFILE2\x68\0\0\0\0\0", "f: it has NUL bytes"),
        (
            b"hello\nworld\n",
            "perf-script: no sample .*found 'hello'; folded: 0 of the first 2 lines are stacks: .*'hello'",
        ),
        (zlib.compress(b"a;b 1\n" * 99), "not a profile that we know|NUL bytes"),
    ],
)
def test_an_unrecognised_file_says_what_was_looked_for(data: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        registry.load(io.BytesIO(data), "f")


def test_a_format_can_be_forced_and_an_unknown_one_is_refused_by_name() -> None:
    assert stacks(registry.load(io.BytesIO(b"x\nx\nx\nmain 3\n"), "f", format="folded")[0]) == {"main": 3}
    with pytest.raises(FormatError, match="f: no sample of perf script in it"):
        registry.load(io.BytesIO(FOLDED), "f", format="perf-script")
    with pytest.raises(FormatError, match="f: unknown format 'nothing': use one of perf-script, "):
        registry.load(io.BytesIO(FOLDED), "f", format="nothing")


def test_a_cut_compressed_file_is_refused_even_if_its_start_is_good() -> None:
    data = b"".join(b"main;work%d %d\n" % (i * 7919 % 10_007, i + 1) for i in range(50_000))
    with pytest.raises(FormatError, match="f: the gzip data ends in the middle"):
        registry.load(io.BytesIO(gzip.compress(data)[:-10]), "f")


def test_every_format_has_a_title() -> None:
    assert set(registry.formats()) >= {"folded", "perf-script", "speedscope"}
    assert all(registry.formats().values())
