"""The functions of a stripped file: the unwind tables that exceptions and profilers need still say where each begins.

Source: the Linux Standard Base, "Exception Frames" (.eh_frame) and ".eh_frame_hdr". The header lists every function's
start with the place of its entry, the entry tells its size. An entry is believed when its own start is the header's,
so an encoding that isn't the usual one (relative, 4 bytes) drops out instead of giving wrong sizes.
"""

import numpy as np
import numpy.typing as npt

from profiler.debuginfo.elf import ReadAt, SectionHeader
from profiler.debuginfo.function_ranges import FunctionRanges

# A browser has 700,000. They take 8 MB, and four times that for the moment in which they are read.
MAX_UNWOUND_FUNCTIONS = 1 << 20
# Of the count: 4 bytes, unsigned. Of the table: 4 bytes, signed, from the header's start.
_USUAL = b"\x03\x3b"
_FIRST_ROW = 12
# Length, distance to the common entry, start relative to this field's place, size.
_ENTRY = np.dtype([("length", "<u4"), ("common", "<u4"), ("start", "<i4"), ("size", "<u4")])
_START_AT = 8
# A length of all ones announces one of 8 bytes, and moves every field.
_LONG = 0xFFFFFFFF
_PIECE_BYTES = 1 << 18

Ints = npt.NDArray[np.int64]


def unwound_functions(read_at: ReadAt, header: SectionHeader, frames: SectionHeader) -> FunctionRanges:
    """What .eh_frame_hdr and .eh_frame tell; of a file that makes no sense, nothing or a part."""
    start, entry = _table(read_at, header)
    order = np.argsort(entry, kind="stable")
    start, entry = start[order], entry[order] - frames.vaddr
    size = np.zeros(len(start), dtype=np.int64)
    last = frames.size - _ENTRY.itemsize
    for at in range(0, last + 1, _PIECE_BYTES):
        data = read_at(frames.offset + at, min(_PIECE_BYTES, last + 1 - at) + _ENTRY.itemsize)
        here = slice(*np.searchsorted(entry, (at, at + len(data) - _ENTRY.itemsize + 1)))
        size[here] = _sizes(data, entry[here] - at, start[here] - frames.vaddr - entry[here])
    known = np.flatnonzero(size)
    known = known[np.argsort(start[known], kind="stable")]
    return FunctionRanges(start[known].astype(np.uint64), size[known].astype(np.uint64))


def _table(read_at: ReadAt, header: SectionHeader) -> tuple[Ints, Ints]:
    """Addresses: of each function, and of its entry."""
    head = read_at(header.offset, _FIRST_ROW)
    count = int.from_bytes(head[8:], "little") if head[2:4] == _USUAL else 0
    data = read_at(header.offset + _FIRST_ROW, 8 * min(count, MAX_UNWOUND_FUNCTIONS))
    rows = np.frombuffer(data, dtype="<i4", count=len(data) // 8 * 2).reshape(-1, 2).astype(np.int64)
    return rows[:, 0] + header.vaddr, rows[:, 1] + header.vaddr


def _sizes(data: bytes, at: Ints, start: Ints) -> Ints:
    """The size each entry tells; 0 where it isn't the one of the function. `start`: behind the entry."""
    entries = np.frombuffer(data, dtype=np.uint8)[at[:, None] + np.arange(_ENTRY.itemsize)].view(_ENTRY)[:, 0]
    same = (entries["start"] + np.int64(_START_AT) == start) & (entries["length"] != _LONG) & (entries["common"] != 0)
    return np.where(same, entries["size"], 0).astype(np.int64)
