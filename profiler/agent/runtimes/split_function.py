"""The parts of a function that compilers split: GCC moves what its profile calls rare to another place.

In a stripped file such a part has no symbol. It is told from other functions by how it is reached: the rest of the
function jumps into its middle.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from profiler.debuginfo.elf import PT_GNU_EH_FRAME, PT_LOAD, Headers, ReadAt

# CPython's loop is about 60 kB; a libpython has some 15,000 functions.
MAX_FUNCTION_BYTES = 1 << 20
MAX_TABLE_ENTRIES = 1 << 20
# Addresses of user space; files may claim others.
MAX_ADDRESS = 1 << 47
# A chance match of bytes that only look like jumps hits a part once at most.
_MIN_JUMPS = 2

# .eh_frame_hdr as linkers write it: version 1, pointer and count relative and plain, table of pairs from its start.
_HDR_PREFIX = b"\x01\x1b\x03\x3b"
_HDR_BYTES = 12
_JMP, _ESCAPE, _JCC = 0xE9, 0x0F, 0x80

Addresses = npt.NDArray[np.int64]


class Part(NamedTuple):
    """ELF addresses [start, end)."""

    start: int
    end: int


def other_parts(read_at: ReadAt, headers: Headers, function: Part) -> tuple[Part, ...]:
    """Where else the function's code is. Empty when it is in one piece, or when the file does not tell."""
    if not 0 < function.start < function.end < MAX_ADDRESS:
        return ()
    starts = _function_starts(read_at, headers)
    if len(starts) < 2:
        return ()
    targets = _jump_targets(_code(read_at, headers, function), function.start)
    outside = targets[(targets < function.start) | (targets >= function.end)]
    index = np.searchsorted(starts, outside, side="right") - 1
    known = (index >= 0) & (index < len(starts) - 1)
    inside = index[known & (starts[index] != outside)]
    parts, jumps = np.unique(inside, return_counts=True)
    return tuple(Part(int(starts[i]), int(starts[i + 1])) for i in parts[jumps >= _MIN_JUMPS])


def _code(read_at: ReadAt, headers: Headers, function: Part) -> bytes:
    size = function.end - function.start
    for program in headers.programs:
        if program.kind == PT_LOAD and program.vaddr <= function.start < program.vaddr + program.size:
            return read_at(program.offset + function.start - program.vaddr, min(size, MAX_FUNCTION_BYTES))
    return b""


def _jump_targets(code: bytes, address: int) -> Addresses:
    """Of everything that looks like a jump with a 32-bit distance; each target once."""
    data = np.frombuffer(code + bytes(8), dtype=np.uint8)
    here = np.arange(len(code))
    plain = here[data[here] == _JMP] + 1
    conditional = here[(data[here] == _ESCAPE) & (data[here + 1] & 0xF0 == _JCC)] + 2
    at = np.concatenate([plain, conditional])
    distance = sum(data[at + i].astype(np.int64) << 8 * i for i in range(4))
    signed = np.where(distance < 1 << 31, distance, distance - (1 << 32))
    return np.unique(address + at + 4 + signed)


def _function_starts(read_at: ReadAt, headers: Headers) -> Addresses:
    """Sorted, from the search table of .eh_frame_hdr."""
    for program in headers.programs:
        if program.kind == PT_GNU_EH_FRAME and program.vaddr < MAX_ADDRESS:
            head = read_at(program.offset, _HDR_BYTES)
            if not head.startswith(_HDR_PREFIX) or len(head) < _HDR_BYTES:
                break
            count = min(int.from_bytes(head[8:12], "little"), MAX_TABLE_ENTRIES)
            table = read_at(program.offset + _HDR_BYTES, 8 * count)
            pairs = np.frombuffer(table[: len(table) // 8 * 8], dtype="<i4")
            return np.unique(pairs[::2].astype(np.int64) + program.vaddr)
    return np.zeros(0, dtype=np.int64)
