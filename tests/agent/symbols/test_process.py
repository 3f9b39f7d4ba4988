"""Code keeps its names as long as it stays where it is, and no longer."""

import ctypes
import mmap
import os
from pathlib import Path

import pytest

from profiler.agent.symbols import process
from profiler.agent.symbols.dwarf_lookups import DwarfLookups
from profiler.agent.symbols.maps import Mapping, ProcessMaps
from profiler.agent.symbols.modules import ModuleCache
from profiler.agent.symbols.naming import Naming
from profiler.agent.symbols.process import UNMAPPED, ProcessSymbols, RecordedMaps
from profiler.agent.symbols.recent_modules import RecentModules

NOWHERE = 8
GONE = 2**22


def address_of(function: str) -> int:
    address = ctypes.cast(ctypes.CDLL(None)[function], ctypes.c_void_p).value
    assert address is not None
    return address


def nothing_recorded(_pid: int, _whole: bool) -> None:
    return None


def process_symbols(pid: int = 0, recorded: RecordedMaps = nothing_recorded) -> ProcessSymbols:
    return ProcessSymbols(pid or os.getpid(), RecentModules(ModuleCache()), Naming(DwarfLookups()), recorded)


def test_code_that_comes_leaves_the_address_space_and_code_that_goes_makes_another_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    symbols = process_symbols()
    first = symbols.space
    assert first.frame(address_of("swab")).name == "swab"
    with mmap.mmap(-1, 1 << 20, prot=mmap.PROT_READ | mmap.PROT_EXEC):
        symbols.refresh()
        assert symbols.space is first
    text = Path("/proc/self/maps").read_text()
    monkeypatch.setattr(process, "read_maps", lambda _pid: text.replace("libc.so", "other.so"))
    symbols.refresh()
    assert symbols.space is not first
    assert symbols.former is first
    assert first.frame(address_of("swab")).name == "swab", "a stack from before still has its names"


def test_an_address_that_is_nowhere_may_be_somewhere_after_the_next_reading() -> None:
    symbols = process_symbols()
    assert symbols.space.frame(NOWHERE) == UNMAPPED
    assert not symbols.space.holds([address_of("swab"), NOWHERE])
    symbols.space.maps = ProcessMaps([Mapping(0, 16, 0, 0, "")])
    assert symbols.space.frame(NOWHERE) != UNMAPPED


def test_the_kernels_records_are_believed_until_the_process_itself_was_asked() -> None:
    asked: list[bool] = []

    def recorded(_pid: int, whole: bool) -> ProcessMaps:
        asked.append(whole)
        return ProcessMaps([Mapping(0x1000, 0x2000, 0, 7, "/bin/recorded")])

    symbols = process_symbols(recorded=recorded)
    assert [mapping.path for mapping in symbols.space.maps.mappings] == ["/bin/recorded"]
    symbols.refresh(ask=True)
    assert symbols.space.holds([address_of("swab")])
    symbols.refresh()
    assert symbols.space.holds([address_of("swab")])
    assert asked == [True]


def test_of_a_process_that_is_gone_even_half_a_record_is_used() -> None:
    maps = ProcessMaps([Mapping(0x1000, 0x2000, 0, 7, "/bin/recorded")])
    symbols = process_symbols(GONE, lambda _pid, whole: None if whole else maps)
    assert symbols.readable
    assert not process_symbols(GONE).readable
