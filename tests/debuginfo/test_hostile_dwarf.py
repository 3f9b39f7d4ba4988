"""Damaged debug information against the process that reads it: an answer or an error, in bounded time and memory.

Whatever happens to that process, the next file is read.
"""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from profiler.debuginfo.elf import SectionHeader, named_sections, read_headers
from profiler.debuginfo.image import open_for_reading
from profiler.debuginfo.worker import Descriptors, DwarfWorker, NoDebugInfoError, WorkerError
from tests.debuginfo.programs import code_of, compiled

# What a request to the worker may take here; in the agent it is TIMEOUT_S.
TIMEOUT_S = 5.0
# A worker that read nothing has 15 MiB; the program's own debug information is 10 kB.
MAX_WORKER_BYTES = 128 << 20
# What libdw walks through; damage elsewhere hits the headers.
SECTIONS = (
    b".debug_info", b".debug_abbrev", b".debug_str", b".debug_line", b".debug_line_str", b".debug_rnglists",
    b".debug_aranges", b".shstrtab",
)  # fmt: skip
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)


class Program:
    """A small real program, and the process that is asked about damaged copies of it."""

    def __init__(self, directory: Path) -> None:
        path = compiled("inlined.c", directory)
        self.data = path.read_bytes()
        code = code_of(path, "main")
        self.addresses = [code.start, code.start + len(code) // 2, code.stop - 1, 1, 1 << 40]
        self.sections = self._sections()
        self.worker = DwarfWorker(TIMEOUT_S)
        self.answers: Counter[str] = Counter()

    def ask(self, data: bytes) -> list[str]:
        """The names of the functions that the worker finds in a file with this content."""
        with tempfile.TemporaryFile() as file:
            file.write(data)
            file.flush()
            found = self.worker.functions_at(Descriptors(file.fileno()), self.addresses)
        return [function.chains[0][-1].name for function in found]

    def survives(self, data: bytes) -> None:
        began = time.monotonic()
        try:
            self.answers["named" if "main" in self.ask(data) else "not named"] += 1
        except NoDebugInfoError:
            self.answers["refused"] += 1
        except WorkerError:
            self.answers["worker ended"] += 1
        assert time.monotonic() - began < 2 * TIMEOUT_S
        if self.worker.pid:
            assert self.peak_bytes() < MAX_WORKER_BYTES

    def peak_bytes(self) -> int:
        """The most that the worker ever had."""
        lines = Path(f"/proc/{self.worker.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))

    def _sections(self) -> dict[bytes, SectionHeader]:
        def read_at(offset: int, size: int) -> bytes:
            return self.data[offset : offset + size]

        found = named_sections(read_at, read_headers(read_at))
        return {name: found[name] for name in SECTIONS if name in found}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    made = Program(tmp_path_factory.mktemp("dwarf"))
    assert made.ask(made.data) == ["main"]
    assert len(made.sections) >= 6
    yield made
    made.worker.close()


def test_flipped_bytes_of_debug_information_give_an_answer_or_an_error(program: Program) -> None:
    @seed(20)
    @settings(max_examples=250, deadline=None, database=None)
    @given(data=st.data())
    def flip(data: st.DataObject) -> None:
        damaged = bytearray(program.data)
        for _ in range(data.draw(st.integers(1, 6))):
            section = program.sections[data.draw(st.sampled_from(sorted(program.sections)))]
            at = section.offset + data.draw(st.integers(0, max(0, section.size - 1)))
            size = data.draw(st.sampled_from([1, 1, 2, 4, 8]))
            value = data.draw(st.one_of(st.sampled_from(EXTREMES), st.integers(0, (1 << 64) - 1)))
            damaged[at : at + size] = (value & ((1 << 8 * size) - 1)).to_bytes(size, "little")
        program.survives(bytes(damaged))

    program.answers.clear()
    flip()
    # The damage is neither harmless nor fatal.
    assert program.answers["named"] > 20
    assert program.answers["not named"] > 20
    assert program.ask(program.data) == ["main"]


@seed(21)
@settings(max_examples=60, deadline=None, database=None)
@given(data=st.data())
def test_flipped_bytes_of_the_headers_give_an_answer_or_an_error(program: Program, data: st.DataObject) -> None:
    """The file's header at its begin, the section headers at its end."""
    damaged = bytearray(program.data)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.one_of(st.integers(0, 63), st.integers(len(damaged) - 2400, len(damaged) - 1)))
        damaged[at] = data.draw(st.integers(0, 255))
    program.survives(bytes(damaged))


@seed(22)
@settings(max_examples=60, deadline=None, database=None)
@given(share=st.floats(0, 1))
def test_a_file_cut_anywhere_gives_an_answer_or_an_error(program: Program, share: float) -> None:
    program.survives(program.data[: int(share * len(program.data))])


def test_a_section_that_ends_in_the_middle_gives_an_answer_or_an_error(program: Program) -> None:
    for section in program.sections.values():
        damaged = bytearray(program.data)
        middle = section.offset + section.size // 2
        damaged[middle : section.offset + section.size] = b"\xff" * (section.offset + section.size - middle)
        program.survives(bytes(damaged))


def test_a_process_that_dies_over_a_file_is_replaced_for_the_next(program: Program, tmp_path: Path) -> None:
    assert program.ask(program.data) == ["main"]
    os.kill(program.worker.pid, 9)
    with pytest.raises(WorkerError, match="looking 5 addresses up failed"):
        program.ask(program.data)
    assert program.ask(program.data) == ["main"]


def test_a_process_that_hangs_is_killed_and_replaced(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "program"
    path.write_bytes(program.data)
    hasty = DwarfWorker(timeout_s=0.001)  # it does not even start within that
    fd = open_for_reading(path)
    try:
        with pytest.raises(WorkerError, match="timed out"):
            hasty.functions_at(Descriptors(fd), program.addresses)
        assert hasty.pid == 0
        assert program.ask(program.data) == ["main"]
    finally:
        os.close(fd)
        hasty.close()
