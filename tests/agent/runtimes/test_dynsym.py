"""Exported names of real and of damaged files."""

import ctypes
import os
import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.agent.runtimes import dynsym
from profiler.agent.runtimes.dynsym import exported
from profiler.agent.runtimes.memory import ProcessMemory
from profiler.agent.unwind.mappings import read_mappings
from profiler.debuginfo.elf import ReadAt


def reader(data: bytes) -> ReadAt:
    return lambda offset, size: data[offset : offset + size]


def own_libc() -> Path:
    return Path(next(m.name for m in read_mappings(os.getpid()).mappings if "libc.so" in m.name))


def test_names_that_a_file_defines_are_found_and_others_are_not() -> None:
    data = own_libc().read_bytes()
    found = exported(reader(data), ["malloc", "no_such_name", "lloc"])
    assert set(found) == {"malloc"}


def test_the_address_is_where_the_name_is_in_memory() -> None:
    library = own_libc()
    address = exported(reader(library.read_bytes()), ["l64a"])["l64a"]
    start = min(int(line.partition("-")[0], 16) for line in Path("/proc/self/maps").read_text().splitlines()
                if line.endswith(str(library)))  # fmt: skip
    function = ctypes.cast(ctypes.CDLL(str(library)).l64a, ctypes.c_void_p).value
    assert function == start + address


def test_what_is_no_elf_file_defines_nothing() -> None:
    for data in (b"", b"\x7fELF", b"#!/bin/sh\n" * 20, b"\x7fELF\x01\x01" + bytes(100)):
        assert exported(reader(data), ["malloc"]) == {}


def test_a_table_over_the_limit_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynsym, "MAX_TABLE_BYTES", 100)
    assert exported(reader(own_libc().read_bytes()), ["malloc"]) == {}


@given(st.lists(st.tuples(st.integers(0, 63), st.integers(0, 255)), max_size=6), st.binary(max_size=600))
@settings(max_examples=200, deadline=None)
def test_damaged_headers_and_sections_do_no_harm(changes: list[tuple[int, int]], junk: bytes) -> None:
    data = bytearray(struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 3, 62, 1, 0, 0, 64, 0, 64, 0, 0, 64,
                                 len(junk) // 64, 0) + junk)  # fmt: skip
    for place, value in changes:
        data[place] = value
    assert isinstance(exported(reader(bytes(data)), ["malloc"]), dict)


def test_memory_of_a_process_is_read_and_bad_addresses_are_errors() -> None:
    text = b"these very bytes"
    address = id(text) + sys.getsizeof(b"") - 1
    with ProcessMemory(os.getpid()) as memory:
        assert memory.read(address, len(text)) == text
        for wrong in (0, -1, 8, 1 << 63):
            with pytest.raises(OSError, match=r"user memory|Input/output"):
                memory.read(wrong, 8)
