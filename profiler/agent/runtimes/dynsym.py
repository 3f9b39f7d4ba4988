"""Addresses of what an ELF file exports, by name; present in stripped files too."""

from collections.abc import Iterable

from profiler.debuginfo.elf import SHT_DYNSYM, ElfError, ReadAt, Records, read_headers, read_symbols

# A browser exports some ten thousand names; a table beyond this is not a runtime's.
MAX_TABLE_BYTES = 64 << 20


def exported(read_at: ReadAt, names: Iterable[str]) -> dict[str, int]:
    """ELF addresses of those `names` that a 64-bit little-endian file defines. Damaged files define nothing."""
    return {name: address for name, (address, _) in exported_ranges(read_at, names).items()}


def exported_ranges(read_at: ReadAt, names: Iterable[str]) -> dict[str, tuple[int, int]]:
    """The same with the end of each."""
    try:
        tables = read_symbols(read_at, read_headers(read_at), SHT_DYNSYM, MAX_TABLE_BYTES)
    except ElfError:
        return {}
    if tables is None:
        return {}
    symbols, strings = tables
    defined = symbols[symbols["shndx"] > 0]
    return {name: found for name in names if (found := _range(defined, strings, name))}


def _range(symbols: Records, strings: bytes, name: str) -> tuple[int, int] | None:
    """None when it is not there. A name may be stored as the end of a longer one: every place counts."""
    wanted, place = name.encode() + b"\0", -1
    while (place := strings.find(wanted, place + 1)) >= 0:
        found = symbols[symbols["name"] == place]
        if len(found):
            return int(found[0]["value"]), int(found[0]["value"]) + int(found[0]["size"])
    return None
