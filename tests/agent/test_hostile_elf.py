"""Every reader of ELF files against damaged ones: an error or an answer, in bounded time and memory, never a crash."""

import functools
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.agent.runtimes.dynsym import exported_ranges
from profiler.agent.runtimes.split_function import MAX_FUNCTION_BYTES, Part, other_parts
from profiler.agent.unwind.eh_frame import parse_eh_frame
from profiler.agent.unwind.elf import Section, read_image
from profiler.core.errors import WebprofError
from profiler.debuginfo.elf import Headers, named_sections, read_build_id, read_headers
from profiler.debuginfo.image import read_elf

# One damaged file of 16 kB: reading a table of 65,535 headers and parsing what is left of .eh_frame.
MAX_SECONDS = 2.0
MAX_BYTES = 32 << 20

ReadAt = Callable[[int, int], bytes]


def unwind(read_at: ReadAt) -> None:
    place = read_image(read_at).eh_frame
    if place:
        parse_eh_frame(Section(place.vaddr, read_at(place.offset, place.size), place.entry))


def symbols(read_at: ReadAt) -> None:
    image = read_elf(read_at)
    for address in (0, 0x1139, 0x4000, 1 << 63):
        image.symbols.find(address)
        image.address_of(address)


def runtime(read_at: ReadAt) -> None:
    found = exported_ranges(read_at, ("main", "_start", "burn"))
    headers = read_headers(read_at)
    read_build_id(read_at, headers)
    for start, end in [*found.values(), (0, MAX_FUNCTION_BYTES), (1 << 63, 1 << 64)]:
        other_parts(read_at, headers, Part(start, end))


READERS = (unwind, symbols, runtime)


@functools.cache
def elf() -> bytes:
    source = Path(__file__).parent.parent / "workloads" / "nofp.c"
    with tempfile.TemporaryDirectory() as directory:
        binary = Path(directory, "nofp")
        subprocess.run(["gcc", "-O2", "-rdynamic", "-pthread", "-o", binary, source], check=True)
        return binary.read_bytes()


def headers() -> Headers:
    return read_headers(lambda offset, size: elf()[offset : offset + size])


def damages() -> st.SearchStrategy[list[tuple[float, bytes]]]:
    """Where in a region, and what stands there instead: bytes, and numbers that overflow."""
    numbers = st.sampled_from([0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 62, 1 << 63, (1 << 64) - 1])
    words = st.one_of(st.binary(min_size=1, max_size=8), numbers.map(lambda n: n.to_bytes(8, "little")))
    return st.lists(st.tuples(st.floats(0, 1, exclude_max=True), words), max_size=12)


def survives(data: bytes) -> None:
    def read_at(offset: int, size: int) -> bytes:
        assert size >= 0
        return data[offset : offset + size]

    for reader in READERS:
        begun = time.process_time()
        tracemalloc.start()
        try:
            reader(read_at)
        except WebprofError:
            pass
        finally:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert peak < MAX_BYTES, reader
        assert time.process_time() - begun < MAX_SECONDS, reader


@settings(max_examples=150, deadline=None)
@given(changes=damages(), region=st.sampled_from([(0, 64), (0, 900), (-2300, 0), (0, 0)]), cut=st.floats(0.0, 1.0))
def test_a_damaged_or_truncated_file_is_an_error_or_an_answer(
    changes: list[tuple[float, bytes]], region: tuple[int, int], cut: float
) -> None:
    """The file's header, its program headers and first tables, its section headers, anything."""
    data = bytearray(elf())
    start, end = region[0] % len(data) if region[0] else 0, region[1] or len(data)
    for place, content in changes:
        at = start + int(place * (end - start))
        data[at : at + len(content)] = content
    survives(bytes(data[: max(0, int(cut * 2 * len(data)))]))


@settings(max_examples=150, deadline=None)
@given(changes=damages(), name=st.sampled_from([b".symtab", b".strtab", b".dynsym", b".dynstr", b".shstrtab"]))
def test_damage_in_the_symbol_tables_is_an_error_or_an_answer(changes: list[tuple[float, bytes]], name: bytes) -> None:
    data = bytearray(elf())
    section = named_sections(lambda offset, size: elf()[offset : offset + size], headers())[name]
    for place, content in changes:
        at = section.offset + int(place * section.size)
        data[at : at + len(content)] = content
    survives(bytes(data[: len(elf())]))


@pytest.mark.parametrize("cut", [0, 1, 15, 63, 64, 65, 200, 4096])
def test_a_file_cut_short_anywhere_is_an_error_or_an_answer(cut: int) -> None:
    survives(elf()[:cut])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=4096))
def test_bytes_behind_an_elf_magic_are_an_error_or_an_answer(tail: bytes) -> None:
    survives(b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + tail)
