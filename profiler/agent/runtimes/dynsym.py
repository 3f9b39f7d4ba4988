"""Addresses of what an ELF file exports, by name; present in stripped files too."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from profiler.agent.symbols.elf import ReadAt

# A browser exports some ten thousand names; a table beyond this is not a runtime's.
MAX_TABLE_BYTES = 64 << 20
MAX_SECTIONS = 4096

_SHT_DYNSYM = 11
_SECTION = np.dtype(
    [("name", "<u4"), ("type", "<u4"), ("flags", "<u8"), ("addr", "<u8"), ("offset", "<u8"), ("size", "<u8"),
     ("link", "<u4"), ("info", "<u4"), ("addralign", "<u8"), ("entsize", "<u8")]
)  # fmt: skip
_SYMBOL = np.dtype(
    [("name", "<u4"), ("info", "u1"), ("other", "u1"), ("shndx", "<u2"), ("value", "<u8"), ("size", "<u8")]
)  # fmt: skip
_HEADER_BYTES = 64
_SECTIONS_AT, _SECTION_COUNT_AT = 40, 60


def exported(read_at: ReadAt, names: Iterable[str]) -> dict[str, int]:
    """ELF addresses of those `names` that a 64-bit little-endian file defines. Damaged files define nothing."""
    sections = _sections(read_at)
    for section in sections[sections["type"] == _SHT_DYNSYM]:
        link = int(section["link"])
        if link < len(sections):
            symbols = np.frombuffer(_table(read_at, section, _SYMBOL.itemsize), dtype=_SYMBOL)
            defined = symbols[symbols["shndx"] > 0]
            strings = _table(read_at, sections[link], 1)
            return {name: address for name in names if (address := _address(defined, strings, name))}
    return {}


def _sections(read_at: ReadAt) -> npt.NDArray[np.void]:
    header = read_at(0, _HEADER_BYTES)
    if len(header) < _HEADER_BYTES or not header.startswith(b"\x7fELF\x02\x01"):
        return np.zeros(0, dtype=_SECTION)
    offset = int.from_bytes(header[_SECTIONS_AT : _SECTIONS_AT + 8], "little")
    count = int.from_bytes(header[_SECTION_COUNT_AT : _SECTION_COUNT_AT + 2], "little")
    data = read_at(offset, min(count, MAX_SECTIONS) * _SECTION.itemsize)
    return np.frombuffer(data[: len(data) // _SECTION.itemsize * _SECTION.itemsize], dtype=_SECTION)


def _table(read_at: ReadAt, section: np.void, record: int) -> bytes:
    size = int(section["size"])
    data = read_at(int(section["offset"]), size) if size <= MAX_TABLE_BYTES else b""
    return data[: len(data) // record * record]


def _address(symbols: npt.NDArray[np.void], strings: bytes, name: str) -> int:
    """0 when it is not there. A name may be stored as the end of a longer one: every place counts."""
    wanted, place = name.encode() + b"\0", -1
    while (place := strings.find(wanted, place + 1)) >= 0:
        found = symbols[symbols["name"] == place]
        if len(found):
            return int(found[0]["value"])
    return 0
