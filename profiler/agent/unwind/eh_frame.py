""".eh_frame → rows. Source: DWARF 5, section 6.4, and the Linux Standard Base's "Exception Frames".

Hostile input costs time and memory linear in its size: entries are read once, in order, and never overlap; what can't
be understood is counted and left out.
"""

import struct
from array import array
from collections import Counter
from typing import NamedTuple

import numpy as np

from profiler.agent.unwind.cfi import CfiError, Machine
from profiler.agent.unwind.elf import Section
from profiler.agent.unwind.leb128 import Leb128Error, sleb128, uleb128
from profiler.agent.unwind.rows import PC_LIMIT, RowKind, Rows, RowTable, pack_rule, tidy

# As many as the BPF program's row array holds; a file with more is cut, and says so.
MAX_ROWS = 4 << 20

_EXTENDED_LENGTH = 0xFFFF_FFFF
_RETURN_ADDRESS = 16
_CIE_VERSIONS = (1, 3)  # 4 exists only in .debug_frame
_PC_MASK, _WORD_MASK = PC_LIMIT - 1, (1 << 64) - 1
_GAP = pack_rule(RowKind.GAP)

# Pointer encodings (DW_EH_PE): the low four bits are the format, the rest says what it is relative to.
_FORMATS = {
    0x00: struct.Struct("<qq"),
    0x03: struct.Struct("<II"),
    0x04: struct.Struct("<QQ"),
    0x0B: struct.Struct("<ii"),
    0x0C: struct.Struct("<qq"),
}
_RELATIVE, _PC_RELATIVE = 0x70, 0x10
_INDIRECT = 0x80


class _Entry(NamedTuple):
    position: int
    start: int  # of the id field, behind the length
    end: int


class _Cie(NamedTuple):
    """What the functions of one compilation unit share."""

    encoding: int
    has_data: bool  # augmentation data to skip
    machine: Machine


class EhFrameParser:
    """Parses one section. `rows` may be called once."""

    def __init__(self, section: Section, max_rows: int = MAX_ROWS) -> None:
        self._data = section.data
        self._vaddr = section.vaddr
        self._max_rows = max_rows
        self._cies: dict[int, _Cie] = {}
        self._rows = array("Q")
        self._skipped: Counter[str] = Counter()

    def rows(self) -> RowTable:
        position = 0
        while (entry := self._entry_at(position)) is not None:
            self._read_entry(entry)
            position = entry.end
            if len(self._rows) > self._max_rows:
                self._skipped["rows over the limit"] += 1
                break
        table = tidy(np.frombuffer(self._rows, dtype=np.uint64)) if self._rows else np.zeros(0, dtype=np.uint64)
        return RowTable(table[: self._max_rows], dict(self._skipped))

    def _entry_at(self, position: int) -> _Entry | None:
        """The entry that starts here; None at the terminator and at the end of the data."""
        data = self._data
        length = int.from_bytes(data[position : position + 4], "little")
        start = position + 4
        if length == _EXTENDED_LENGTH:
            length = int.from_bytes(data[start : start + 8], "little")
            start += 8
        if length < 4:
            return None
        if start + length > len(data):
            self._skipped["truncated"] += 1
            return None
        return _Entry(position, start, start + length)

    def _read_entry(self, entry: _Entry) -> None:
        distance = int.from_bytes(self._data[entry.start : entry.start + 4], "little")
        try:
            if distance == 0:
                self._cies[entry.position] = self._cie(entry)
            elif cie := self._cies.get(entry.start - distance):
                self._fde(entry, cie)
            else:
                self._skipped["unknown CIE"] += 1
        except (CfiError, Leb128Error) as error:
            self._skipped[str(error)] += 1
        except (IndexError, OverflowError, struct.error):
            self._skipped["truncated"] += 1

    def _cie(self, entry: _Entry) -> _Cie:
        data, position = self._data, entry.start + 4
        if data[position] not in _CIE_VERSIONS:
            raise CfiError("CIE version")
        version, terminator = data[position], data.find(b"\0", position + 1, entry.end)
        augmentation = data[position + 1 : max(terminator, position + 1)]
        code_align, position = uleb128(data, terminator + 1)
        data_align, position = sleb128(data, position)
        register, position = (data[position], position + 1) if version == 1 else uleb128(data, position)
        if terminator < 0 or register != _RETURN_ADDRESS:
            raise CfiError("CIE of another machine")
        encoding, position = self._augmentation(augmentation, position)
        machine = Machine(data, code_align, data_align, signal=b"S" in augmentation)
        machine.set_initial(position, entry.end)
        return _Cie(encoding, augmentation.startswith(b"z"), machine)

    def _augmentation(self, augmentation: bytes, position: int) -> tuple[int, int]:
        """(encoding of addresses, where the initial instructions start)."""
        if not augmentation:
            return 0, position
        if not augmentation.startswith(b"z"):
            raise CfiError("CIE augmentation")
        size, position = uleb128(self._data, position)
        end, encoding = position + size, 0
        for letter in augmentation[1:]:
            if letter == ord("R"):
                encoding, position = self._data[position], position + 1
            elif letter == ord("L"):
                position += 1
            elif letter == ord("P"):
                position = self._after_personality(position)
            elif letter not in b"SB":
                raise CfiError("CIE augmentation")
        return encoding, end

    def _after_personality(self, position: int) -> int:
        layout = _FORMATS.get(self._data[position] & 0x0F)
        if layout is None:
            raise CfiError("pointer encoding")
        return position + 1 + layout.size // 2

    def _fde(self, entry: _Entry, cie: _Cie) -> None:
        layout, position = _range_layout(cie.encoding), entry.start + 4
        start, span = layout.unpack_from(self._data, position)
        if start == 0 or span == 0:
            return  # a function that the linker dropped
        if cie.encoding & _RELATIVE:
            start += self._vaddr + position
        span &= _WORD_MASK if layout.size == 16 else PC_LIMIT - 1
        if not 0 <= start < start + span < PC_LIMIT:
            raise CfiError("code above 4 GiB")
        position += layout.size
        if cie.has_data:
            size, position = uleb128(self._data, position)
            position += size
        self._run(cie.machine, position, entry.end, start, start + span)

    def _run(self, machine: Machine, position: int, end: int, start: int, stop: int) -> None:
        """The rows of [start, stop), then a GAP. A program that can't be followed leaves only a GAP."""
        before = len(self._rows)
        try:
            machine.run(position, end, start, self._rows)
            while self._rows[-1] & _PC_MASK >= stop and len(self._rows) > before:
                self._rows.pop()
        except (CfiError, Leb128Error, IndexError, OverflowError):
            del self._rows[before:]
            self._rows.append(start | _GAP)
            raise
        finally:
            self._rows.append(stop | _GAP)


def _range_layout(encoding: int) -> struct.Struct:
    """How a function's start and length are written."""
    layout = _FORMATS.get(encoding & 0x0F)
    if layout is None or encoding & _INDIRECT or encoding & _RELATIVE not in (0, _PC_RELATIVE):
        raise CfiError("pointer encoding")
    return layout


def parse_eh_frame(section: Section, max_rows: int = MAX_ROWS) -> RowTable:
    """All rows of a section, sorted; what was left out is counted by reason."""
    table = EhFrameParser(section, max_rows).rows()
    return RowTable(_with_entry(table.rows, section.entry), table.skipped)


def _with_entry(rows: Rows, entry: int) -> Rows:
    """The dynamic linker's start-up code has no unwind information; nothing called it, so a stack ends there."""
    if not 0 < entry < PC_LIMIT or not len(rows):
        return rows
    place = int(np.searchsorted(rows & np.uint64(_PC_MASK), entry, side="right"))
    if place and int(rows[place - 1]) >> 32 != _GAP >> 32:
        return rows
    return np.insert(rows, place, np.uint64(entry | pack_rule(RowKind.END)))
