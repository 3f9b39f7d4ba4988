"""LEB128 numbers (DWARF 5, section 7.6). Both raise IndexError where the data ends within the number."""

from typing import Protocol

# Longer numbers don't fit 64 bits; without a bound a hostile one would grow without limit.
_MAX_BYTES = 10


class Leb128Error(ValueError):
    """A number of more than 64 bits."""


class Bytes(Protocol):
    def __getitem__(self, index: int, /) -> int: ...


def uleb128(data: Bytes, position: int) -> tuple[int, int]:
    """(value, position after it)."""
    value = 0
    for shift in range(0, 7 * _MAX_BYTES, 7):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise Leb128Error("number over 64 bits")


def sleb128(data: Bytes, position: int) -> tuple[int, int]:
    """(value, position after it)."""
    start = position
    value, position = uleb128(data, position)
    if data[position - 1] & 0x40:
        value -= 1 << 7 * (position - start)
    return value, position
