"""Where the functions of stripped files are, beside what binutils say."""

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from profiler.debuginfo.elf import ReadAt, named_sections, read_headers
from profiler.debuginfo.function_ranges import FunctionRanges
from profiler.debuginfo.image import read_elf_file
from profiler.debuginfo.unwound_functions import MAX_UNWOUND_FUNCTIONS, unwound_functions
from tests.debuginfo.programs import code_of, compiled

ENTRY = re.compile(r"FDE .*pc=([0-9a-f]+)\.\.([0-9a-f]+)")


def reader(data: bytes) -> ReadAt:
    return lambda offset, size: data[offset : offset + size]


def functions(data: bytes) -> FunctionRanges:
    read_at = reader(data)
    sections = named_sections(read_at, read_headers(read_at))
    return unwound_functions(read_at, sections[b".eh_frame_hdr"], sections[b".eh_frame"])


def ranges(found: FunctionRanges) -> set[tuple[int, int]]:
    return {(found.start(i), found.end(i)) for i in range(len(found))}


@pytest.mark.parametrize(
    "program", [Path(sys.executable), Path("/bin/bash"), Path("/usr/bin/perl")], ids=lambda p: p.name
)
def test_functions_are_those_of_readelf(program: Path) -> None:
    text = subprocess.run(["readelf", "-wF", program], capture_output=True, text=True, check=True).stdout
    expected = {(int(start, 16), int(end, 16)) for start, end in ENTRY.findall(text)}
    assert len(expected) > 100
    assert ranges(functions(program.read_bytes())) == expected


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled("busy.c", tmp_path_factory.mktemp("unwound"))


def test_a_stripped_program_still_says_where_its_functions_are(program: Path) -> None:
    heavy = code_of(program, "heavy")
    stripped = program.with_name("stripped")
    subprocess.run(["strip", "-o", stripped, program], check=True)
    image = read_elf_file(stripped)
    assert [image.function_start(at) for at in (heavy[0], heavy[-1])] == [heavy.start, heavy.start]
    assert image.function_start(heavy.stop) != heavy.start


def test_a_file_with_symbols_needs_no_unwind_tables_for_that(program: Path) -> None:
    assert len(read_elf_file(program).unwound) == 0


def header_place(program: Path) -> int:
    read_at = reader(program.read_bytes())
    return named_sections(read_at, read_headers(read_at))[b".eh_frame_hdr"].offset


def test_an_encoding_that_is_not_the_usual_one_gives_nothing(program: Path) -> None:
    data = bytearray(program.read_bytes())
    data[header_place(program) + 3] = 0x1B
    assert len(functions(bytes(data))) == 0


def test_a_count_beyond_the_file_reads_what_is_there(program: Path) -> None:
    data = bytearray(program.read_bytes())
    place = header_place(program)
    expected = ranges(functions(bytes(data)))
    data[place + 8 : place + 12] = b"\xff" * 4
    assert ranges(functions(bytes(data))) >= expected
    assert len(functions(bytes(data))) <= MAX_UNWOUND_FUNCTIONS


def test_a_start_that_the_entry_contradicts_is_left_out(program: Path) -> None:
    data = bytearray(program.read_bytes())
    first = header_place(program) + 12
    expected = ranges(functions(bytes(data)))
    data[first] ^= 4
    assert ranges(functions(bytes(data))) < expected


def test_damaged_tables_give_fewer_functions_and_no_error(program: Path) -> None:
    data = program.read_bytes()
    chance = random.Random(1)
    read_at = reader(data)
    sections = named_sections(read_at, read_headers(read_at))
    for _ in range(200):
        damaged = bytearray(data)
        for name in (b".eh_frame_hdr", b".eh_frame"):
            section = sections[name]
            for _ in range(8):
                damaged[section.offset + chance.randrange(section.size)] = chance.randrange(256)
        short = bytes(damaged[: chance.randrange(len(damaged))])
        for each in (bytes(damaged), short):
            found = unwound_functions(reader(each), sections[b".eh_frame_hdr"], sections[b".eh_frame"])
            assert len(found) <= len(data)
