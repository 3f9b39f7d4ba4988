"""How a function of a module becomes a frame."""

from dataclasses import replace

import numpy as np

from profiler.agent.symbols.modules import Module
from profiler.core.frame import Frame, FrameKind
from profiler.debuginfo.elf import Segment
from profiler.debuginfo.function_ranges import FunctionRanges
from profiler.debuginfo.image import ElfImage
from tests.debuginfo.test_symbol_table import FUNC, GLOBAL, table


def module(symbol: str) -> Module:
    """One function at the file's bytes 0x100 to 0x110, which are loaded 0x1000 higher."""
    segment = Segment(offset=0x100, vaddr=0x1100, size=0x40)
    return Module("libx.so", ElfImage("ab", (segment,), table((symbol, 0x1100, 0x10, FUNC, GLOBAL)), stripped=False))


def test_the_version_behind_a_name_is_left_out() -> None:
    assert module("clone@@GLIBC_2.2.5").frame(0x104) == Frame("clone", FrameKind.NATIVE, "libx.so", "ab")


def test_a_mangled_name_is_demangled() -> None:
    assert module("_ZN3app4workEv").frame(0x104).name == "app::work()"


def test_code_without_symbol_is_named_by_its_address_in_the_module() -> None:
    assert module("f").frame(0x120) == Frame("libx.so+0x1120", FrameKind.NATIVE, "libx.so", "ab", 0x1120)


def test_a_byte_in_no_segment_is_named_by_its_place_in_the_file() -> None:
    assert module("f").frame(0x900) == Frame("libx.so+0x900", FrameKind.NATIVE, "libx.so", "ab", 0x900)


def test_code_without_symbol_in_a_known_function_is_named_by_where_that_begins() -> None:
    known = FunctionRanges(np.array([0x1110], np.uint64), np.array([0x20], np.uint64))
    libx = module("f")
    libx.image = replace(libx.image, unwound=known)
    frames = [libx.frame(offset) for offset in (0x112, 0x12F, 0x130)]
    assert [frame.name for frame in frames] == ["libx.so+0x1110", "libx.so+0x1110", "libx.so+0x1130"]
    assert [frame.offset for frame in frames] == [0x1112, 0x112F, 0x1130]
