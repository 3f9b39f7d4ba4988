"""Frames of a process are kept as long as its code stays where it is, and no longer."""

import ctypes
import mmap
import os

import pytest

from profiler.agent.symbols.dwarf_lookups import DwarfLookups
from profiler.agent.symbols.maps import ProcessMaps
from profiler.agent.symbols.modules import ModuleCache
from profiler.agent.symbols.naming import Naming
from profiler.agent.symbols.process import UNMAPPED, ProcessSymbols

NOWHERE = 8


def address_of(function: str) -> int:
    address = ctypes.cast(ctypes.CDLL(None)[function], ctypes.c_void_p).value
    assert address is not None
    return address


def process_symbols() -> ProcessSymbols:
    return ProcessSymbols(os.getpid(), ModuleCache(), Naming(DwarfLookups()), lambda _pid: None)


def test_data_that_is_mapped_leaves_the_frames_and_code_that_is_mapped_drops_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    symbols = process_symbols()
    first = symbols.frames([address_of("swab")])
    read: list[int] = []
    monkeypatch.setattr(ProcessMaps, "find", lambda maps, address: read.append(address))
    with mmap.mmap(-1, 1 << 20):
        symbols.refresh()
        assert symbols.frames([address_of("swab")]) == first
        assert not read
    with mmap.mmap(-1, 1 << 20, prot=mmap.PROT_READ | mmap.PROT_EXEC):
        symbols.refresh()
        symbols.frames([address_of("swab")])
        assert read


def test_an_address_that_is_nowhere_is_looked_up_again_after_the_next_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    symbols = process_symbols()
    assert symbols.frames([NOWHERE]) == [UNMAPPED]
    assert not symbols.holds([address_of("swab"), NOWHERE])
    monkeypatch.setattr(ProcessMaps, "find", lambda maps, address: maps.mappings[0])
    assert symbols.frames([NOWHERE]) == [UNMAPPED]
    symbols.refresh()
    assert symbols.frames([NOWHERE]) != [UNMAPPED]
