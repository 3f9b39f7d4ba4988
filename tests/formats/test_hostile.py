"""Whatever is in a file, the answer is a profile that fits together and can be stored, or a clear error. Soon."""

import contextlib
import io
import time

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from profiler.core import batch
from profiler.core.errors import FormatError
from profiler.core.profile import Profile
from profiler.formats import registry
from profiler.formats.base import Importer, Limits
from profiler.formats.folded_differential import FIRST_VALUE
from tests.formats.support import SAMPLES, dumped, load_folded, stacks

IMPORTERS: list[Importer] = list(registry.IMPORTERS)
SMALL = Limits(
    input_bytes=100_000, line_bytes=2_000, depth=50, name_chars=60, frames=200, nodes=500, threads=20, events=4
)

WORDS = st.sampled_from(
    ["main", "[unknown]", "a;b", ";", "_[k]", "->", "(/m)", "([kernel.kallsyms])", "(inlined)", "(", ")", "ff", "dd",
     "0", "12", "-3", "1.5", ".", "nan", "9" * 30, "1" * 5000, "cycles:", "5.5:", "[000]", "1/2", "#", "# hostname : x",
     "\t", "\r", "\0", "\ufeff", "é", "\u2028", "٣", "x" * 70, "(deleted))", "+0x1f", "busy.c:3", "(/m/perf-1.map)"]
)  # fmt: skip
LINES = st.lists(WORDS, max_size=8).map(" ".join)
TEXTS = st.lists(LINES | WORDS, max_size=30).map("\n".join)
# Of formats of lines the beginning is enough; of a document, which must be whole, the smaller ones.
SAMPLE_BYTES = [path.read_bytes()[:6000] for path in sorted((SAMPLES / "perf-script").glob("*.txt"))]
SMALL_DOCUMENT = 20_000
DOCUMENTS = [
    path.read_bytes()
    for name in registry.formats()
    for path in sorted((SAMPLES / name).glob("*"))
    if path.suffix not in {".md", ".py", ".c", ".js", ".txt"} and path.stat().st_size < SMALL_DOCUMENT
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """What a tool wrote, with some of its bytes cut out, doubled or overwritten."""
    data = bytearray(draw(st.sampled_from(SAMPLE_BYTES + DOCUMENTS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 200))
        data[at : at + length] = draw(st.binary(max_size=20)) + data[at : at + length] * draw(st.integers(0, 2))
    return bytes(data)


INPUTS = st.binary(max_size=300) | TEXTS.map(lambda text: text.encode(errors="replace")) | mutated()


def profiles_or_error(importer: Importer, data: bytes, limits: Limits) -> list[Profile]:
    """The profiles, at least one; none when they were refused with an error that can be shown."""
    try:
        profiles = importer.load_profiles(io.BytesIO(data), "file", limits)
    except FormatError as refusal:
        text = str(refusal)
        if not text.startswith("file: ") or len(text) > 1000:
            raise AssertionError(text) from refusal
        return []
    assert profiles
    return profiles


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.FORMAT)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=INPUTS)
@example(data=b"\x1f\x8b")
@example(data=b"\x28\xb5\x2f\xfd" + bytes(20))
@example(data=b"\xff\xfea")
def test_any_bytes_give_a_profile_that_can_be_stored_or_a_clear_error(importer: Importer, data: bytes) -> None:
    for limits in (Limits(), SMALL):
        for profile in profiles_or_error(importer, data, limits):
            assert profile.check().total > 0
            assert batch.decode(batch.encode(profile)).total == profile.total


@settings(max_examples=200, deadline=None)
@given(data=INPUTS)
def test_sniffing_any_bytes_gives_reasons(data: bytes) -> None:
    guesses = registry.sniff(data, "file", whole=True)
    assert {guess.format for guess in guesses} == {importer.FORMAT for importer in IMPORTERS}
    assert all(guess.reason and 0 <= guess.confidence <= 1 for guess in guesses)


@settings(max_examples=200, deadline=None)
@given(data=INPUTS)
def test_what_was_read_of_folded_text_reads_back_the_same(data: bytes) -> None:
    try:
        first = load_folded(data)
    except FormatError:
        return
    assume(FIRST_VALUE not in first.quality.skipped)  # what is left may look differential again
    again = load_folded(dumped(first, annotations=True))
    assert (stacks(again), again.meta, again.total) == (stacks(first), first.meta, first.total)
    assert set(again.frames) == set(first.frames)


@pytest.mark.parametrize(
    "line",
    ["a " * 30_000, "9 " * 30_000, "x" * 60_000, " " * 60_000, "a" + " " * 60_000 + "b", "1.1 " * 15_000, ":" * 60_000,
     "ff " + "(" * 60_000, "ff " + " (" * 30_000 + ")", "A" + "0" * 60_000 + ":", "a 1 " + "x" * 60_000],
)  # fmt: skip
@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.FORMAT)
def test_no_line_takes_long(importer: Importer, line: str) -> None:
    data = f"{line}\na 1 cycles:\n{line}\n".encode() * 20
    start = time.process_time()
    with contextlib.suppress(FormatError):
        importer.load_profiles(io.BytesIO(data), "file", Limits())
    # 2.4 MB. A pattern that backtracks would take minutes.
    assert time.process_time() - start < 2
