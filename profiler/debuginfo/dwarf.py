"""DWARF debug information: from an address to the function that holds it and all that was inlined there.

Units and functions are found by their own ranges: the lists of addresses that a file may bring along (.debug_aranges)
are missing in what LLVM makes. Nothing is read of units that no address was asked in.
"""

import bisect
from collections.abc import Callable, Iterator
from ctypes import byref, c_int, c_uint64, c_void_p
from typing import NamedTuple, Self

from profiler.debuginfo import libdw as dw
from profiler.debuginfo.demangle import demangle
from profiler.debuginfo.inline_tree import Inlined, flatten
from profiler.debuginfo.libdw import Attribute, Die, LibdwError, libdw
from profiler.debuginfo.source_frame import FunctionFrames, SourceFrame

# Namespaces in classes in namespaces, blocks in inlined functions in blocks: people get to some dozens.
MAX_DEPTH = 200
# Inlined pieces of one function; compilers stop at hundreds, generated code at some thousands.
MAX_INLINED = 4096
# Ranges may overlap where a linker dropped code; this many are looked at before an address counts as unknown.
_MAX_OVERLAPPING = 16
_SCOPES = frozenset((dw.DW_TAG_NAMESPACE, dw.DW_TAG_MODULE, dw.DW_TAG_CLASS_TYPE, dw.DW_TAG_STRUCTURE_TYPE))
_BLOCKS = frozenset((dw.DW_TAG_LEXICAL_BLOCK, dw.DW_TAG_TRY_BLOCK, dw.DW_TAG_CATCH_BLOCK))
_NO_ENTRIES = 1  # what libdw answers at the end of a list


class _Ranges(NamedTuple):
    """Sorted by start; `die[i]` has the addresses from start[i] to end[i]."""

    start: list[int]
    end: list[int]
    die: list[Die]

    @classmethod
    def of(cls, found: Iterator[tuple[int, int, Die]]) -> Self:
        # A linker that drops a function leaves its ranges behind, beginning at 0.
        rows = sorted((row for row in found if 0 < row[0] < row[1]), key=lambda row: row[:2])
        return cls([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])

    def find(self, address: int) -> int | None:
        last = bisect.bisect_right(self.start, address) - 1
        return next((i for i in range(last, max(last - _MAX_OVERLAPPING, -1), -1) if address < self.end[i]), None)


class Dwarf:
    """One open file. `close` it before its descriptors. Raises LibdwError when there is no DWARF in it."""

    def __init__(self, fd: int, alternate_fd: int = -1) -> None:
        """alternate_fd: the file that .gnu_debugaltlink names, where there is one."""
        self._dwarf: int | None = _begin(fd)
        self._alternate: int | None = None
        if alternate_fd >= 0:
            self._alternate = _begin(alternate_fd)
            libdw().dwarf_setalt(self._dwarf, self._alternate)
        self._units = _Ranges.of(_unit_ranges(self._dwarf))
        self._functions: dict[int, _Ranges] = {}

    def close(self) -> None:
        for dwarf in (self._dwarf, self._alternate):
            if dwarf is not None:
                libdw().dwarf_end(dwarf)
        self._dwarf = self._alternate = None

    def function_at(self, address: int) -> FunctionFrames | None:
        """The function that holds the address; None when the file does not tell."""
        index = self._units.find(address)
        if index is None:
            return None
        unit = self._units.die[index]
        key = unit.addr or 0
        if key not in self._functions:
            self._functions[key] = _Ranges.of(_function_ranges(unit))
        functions = self._functions[key]
        found = functions.find(address)
        if found is None:
            return None
        die, start, end = functions.die[found], functions.start[found], functions.end[found]
        return flatten(start, end, source_frame(die, inlined=False), _inlined(die))


def source_frame(die: Die, *, inlined: bool) -> SourceFrame:
    line = c_int()
    file = libdw().dwarf_decl_file(die)
    libdw().dwarf_decl_line(die, byref(line))
    return SourceFrame(_name(die), (file or b"").decode(errors="replace"), max(0, line.value), inlined)


def _name(die: Die) -> str:
    attribute = Attribute()
    for code in (dw.DW_AT_LINKAGE_NAME, dw.DW_AT_MIPS_LINKAGE_NAME):
        if libdw().dwarf_attr_integrate(die, code, attribute) and (text := libdw().dwarf_formstring(attribute)):
            return demangle(text.decode(errors="replace"))
    return (libdw().dwarf_diename(die) or b"").decode(errors="replace")


def _begin(fd: int) -> int:
    dwarf: int | None = libdw().dwarf_begin(fd, dw.DWARF_C_READ)
    if dwarf is None:
        raise LibdwError(f"no DWARF debug information: {dw.error_text()}")
    return dwarf


def _unit_ranges(dwarf: int) -> Iterator[tuple[int, int, Die]]:
    following = c_void_p()
    while True:
        die = Die()
        unit = c_void_p(following.value)
        if libdw().dwarf_get_units(dwarf, unit, byref(following), None, None, die, None) != 0:
            return
        yield from _ranges(die)


def _ranges(die: Die) -> Iterator[tuple[int, int, Die]]:
    base, start, end = c_uint64(), c_uint64(), c_uint64()
    offset = 0
    while (offset := libdw().dwarf_ranges(die, offset, byref(base), byref(start), byref(end))) > 0:
        yield start.value, end.value, die


def _children(die: Die) -> Iterator[Die]:
    """Each is a new object, so that it can be kept."""
    child = Die()
    if libdw().dwarf_child(die, child) != 0:
        return
    yield child
    while True:
        sibling = Die()
        if libdw().dwarf_siblingof(child, sibling) != 0:
            return
        yield sibling
        child = sibling


def _function_ranges(scope: Die, depth: int = 0) -> Iterator[tuple[int, int, Die]]:
    for die in _children(scope):
        tag = libdw().dwarf_tag(die)
        if tag == dw.DW_TAG_SUBPROGRAM:
            yield from _ranges(die)
        elif tag in _SCOPES and depth < MAX_DEPTH:
            yield from _function_ranges(die, depth + 1)


def _inlined(function: Die) -> list[Inlined]:
    found: list[Inlined] = []
    _collect(function, 1, found.append, lambda: len(found) < MAX_INLINED)
    return found


def _collect(scope: Die, depth: int, add: Callable[[Inlined], None], room: Callable[[], bool], nested: int = 0) -> None:
    for die in _children(scope):
        tag = libdw().dwarf_tag(die)
        if not room() or nested > MAX_DEPTH:
            return
        if tag == dw.DW_TAG_INLINED_SUBROUTINE:
            frame = source_frame(die, inlined=True)
            if frame.name:  # else its name is in an alternate file that is not at hand
                for start, end, _ in _ranges(die):
                    add(Inlined(start, end, depth, frame))
            _collect(die, depth + bool(frame.name), add, room, nested + 1)
        elif tag in _BLOCKS:
            _collect(die, depth, add, room, nested + 1)
