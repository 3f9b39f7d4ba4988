"""Our rows against binutils, row by row, and against hostile input."""

import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.agent.unwind.eh_frame import parse_eh_frame
from profiler.agent.unwind.elf import Section, read_image
from profiler.agent.unwind.rows import RBP_AT_RBP, RBP_LOST, ROW_BYTES, RowKind, RowTable
from profiler.debuginfo.elf import ElfError
from tests.agent.unwind.readelf_rows import ReadelfRow, readelf_rows

LIBC = "/lib/x86_64-linux-gnu/libc.so.6"
LIBSTDCXX = "/usr/lib/x86_64-linux-gnu/libstdc++.so.6"
BASH = "/bin/bash"
LD_SO = "/lib64/ld-linux-x86-64.so.2"
PYTHON = str(Path(sys.executable).resolve())

_EXPRESSIONS = {RowKind.PLT, RowKind.SIGNAL, RowKind.DEREF}


def section_of_bytes(data: bytes) -> Section | None:
    def read_at(offset: int, size: int) -> bytes:
        return data[offset : offset + size]

    place = read_image(read_at).eh_frame
    return Section(place.vaddr, read_at(place.offset, place.size), place.entry) if place else None


def section_of(path: str) -> Section:
    section = section_of_bytes(Path(path).read_bytes())
    assert section is not None
    return section


def row_at(table: RowTable, pc: int) -> tuple[RowKind, int, int]:
    """(kind, rbp in words, cfa in words) that holds at an address."""
    pcs = table.rows & np.uint64(0xFFFF_FFFF)
    rule = int(table.rows[int(np.searchsorted(pcs, pc, side="right")) - 1]) >> 32
    signed = np.array([rule >> 8 & 0xFF], np.uint8).view(np.int8), np.array([rule >> 16], np.uint16).view(np.int16)
    return RowKind(rule & 0xFF), int(signed[0][0]), int(signed[1][0])


def difference(row: ReadelfRow, ours: tuple[RowKind, int, int]) -> str:
    """What differs between binutils' row and ours; empty when nothing does."""
    kind, rbp, cfa = ours
    if row.ra == "exp" and kind == RowKind.SIGNAL:
        return ""
    if row.ra != "c-8":
        return "" if kind == (RowKind.END if row.ra == "u" else RowKind.BAD) else f"ra {row.ra}"
    register, _, offset = re.sub(r"^(r\w+)([+-]\d+)$", r"\1 \2", row.cfa).partition(" ")
    if row.cfa == "exp" or register not in ("rsp", "rbp"):
        expected = _EXPRESSIONS | {RowKind.BAD} if row.cfa == "exp" else {RowKind.BAD}
        return "" if kind in expected else f"cfa {row.cfa}"
    if (kind.name.lower(), cfa * 8) != (register, int(offset)):
        return f"cfa {row.cfa} is {ours}"
    saved = re.fullmatch(r"c([+-]\d+)", row.rbp)
    words = int(saved[1]) // 8 if saved else 0
    if saved or row.rbp in ("u", "s"):
        return "" if rbp == words else f"rbp {row.rbp} is {rbp}"
    return "" if rbp in (RBP_LOST, RBP_AT_RBP) else f"rbp {row.rbp} is {rbp}"


@pytest.mark.parametrize("path", [LIBC, LIBSTDCXX, BASH, PYTHON])
def test_every_row_of_a_distribution_binary_is_what_readelf_says(path: str) -> None:
    table = parse_eh_frame(section_of(path))
    expected = list(readelf_rows(path))
    differences = Counter(text for row in expected if (text := difference(row, row_at(table, row.pc))))
    assert len(expected) > 10_000
    assert table.skipped == {}
    assert differences == {}


@pytest.mark.parametrize("path", [LIBC, LIBSTDCXX, BASH, PYTHON])
def test_rows_of_rules_we_do_not_follow_are_few(path: str) -> None:
    """They would cut stacks: assembler with the return address in a register, CFAs in other registers."""
    table = parse_eh_frame(section_of(path))
    kinds = Counter((table.rows >> np.uint64(32) & np.uint64(0xFF)).tolist())
    assert kinds[RowKind.BAD] <= 0.002 * len(table.rows)


def test_libc_has_the_signal_frame_and_the_thread_entry() -> None:
    kinds = set((parse_eh_frame(section_of(LIBC)).rows >> np.uint64(32) & np.uint64(0xFF)).tolist())
    assert {RowKind.SIGNAL, RowKind.END, RowKind.PLT, RowKind.RSP, RowKind.RBP, RowKind.GAP} <= kinds


def test_a_stack_ends_at_the_entry_of_the_dynamic_linker() -> None:
    """Its start-up code is assembler without unwind information."""
    section = section_of(LD_SO)
    assert row_at(parse_eh_frame(section), section.entry)[0] == RowKind.END
    assert row_at(parse_eh_frame(section._replace(entry=0)), section.entry)[0] == RowKind.GAP


def test_an_entry_with_rows_of_its_own_keeps_them() -> None:
    section = section_of(BASH)
    assert (parse_eh_frame(section).rows == parse_eh_frame(section._replace(entry=0)).rows).all()


def test_rows_are_sorted_and_no_address_has_two() -> None:
    pcs = parse_eh_frame(section_of(BASH)).rows & np.uint64(0xFFFF_FFFF)
    assert (np.diff(pcs.astype(np.int64)) > 0).all()


def test_the_section_is_found_without_section_headers() -> None:
    """The dynamic linker needs none, so a stripped file may have none."""
    data = bytearray(Path(BASH).read_bytes())
    whole = section_of(BASH)
    data[40:48] = bytes(8)  # e_shoff
    data[60:64] = bytes(4)  # e_shnum, e_shstrndx
    bare = section_of_bytes(bytes(data))
    assert bare is not None
    assert bare.vaddr == whole.vaddr
    assert (parse_eh_frame(bare).rows == parse_eh_frame(whole).rows).all()


def test_rows_over_the_limit_are_cut_and_counted() -> None:
    table = parse_eh_frame(section_of(BASH), max_rows=1000)
    assert 900 < len(table.rows) <= 1000  # repeated addresses are merged after the cut
    assert table.skipped == {"rows over the limit": 1}


def test_a_truncated_section_keeps_what_came_before() -> None:
    section = section_of(BASH)
    whole = len(parse_eh_frame(section).rows)
    table = parse_eh_frame(section._replace(data=section.data[: len(section.data) // 2]))
    assert table.skipped == {"truncated": 1}
    assert 0.3 * whole < len(table.rows) < 0.7 * whole


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"#!/bin/sh\n" * 100, bytes(4096)])
def test_what_is_no_elf_file_is_refused(content: bytes) -> None:
    with pytest.raises(ElfError):
        read_image(lambda offset, size: content[offset : offset + size])


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=2000), st.integers(0, 2**64 - 1))
def test_random_bytes_as_a_section_never_crash(data: bytes, vaddr: int) -> None:
    table = parse_eh_frame(Section(vaddr, data))
    assert table.rows.nbytes <= (1 + len(data) * 4) * ROW_BYTES


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_a_damaged_binary_costs_no_more_than_a_whole_one(seed: int) -> None:
    source = random.Random(seed)
    section = section_of(BASH)
    data = bytearray(section.data[:20_000])
    for _ in range(source.randrange(1, 200)):
        data[source.randrange(len(data))] = source.randrange(256)
    before = time.process_time()
    table = parse_eh_frame(Section(section.vaddr, bytes(data)))
    assert len(table.rows) <= len(data)
    assert time.process_time() - before < 1


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_damaged_headers_are_refused_or_read_within_bounds(seed: int) -> None:
    source = random.Random(seed)
    data = bytearray(Path(BASH).read_bytes())
    for _ in range(20):
        data[source.randrange(6, 1000)] = source.randrange(256)
    try:
        section = section_of_bytes(bytes(data))
    except ElfError:
        return
    assert section is None or len(section.data) <= len(data)
