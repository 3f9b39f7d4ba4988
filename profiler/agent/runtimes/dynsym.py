"""Addresses of what an ELF file exports, by name; present in stripped files too."""

from collections.abc import Iterable

from profiler.debuginfo.elf import SHT_DYNSYM, ElfError, ReadAt, Records, read_headers, read_symbols

# A browser exports some ten thousand names; a table beyond this is not a runtime's.
MAX_TABLE_BYTES = 64 << 20


def exported(read_at: ReadAt, names: Iterable[str]) -> dict[str, int]:
    """ELF addresses of those `names` that a 64-bit little-endian file defines. Damaged files define nothing."""
    try:
        found = read_symbols(read_at, read_headers(read_at), SHT_DYNSYM, MAX_TABLE_BYTES)
    except ElfError:
        return {}
    if found is None:
        return {}
    symbols, strings = found
    defined = symbols[symbols["shndx"] > 0]
    return {name: address for name in names if (address := _address(defined, strings, name))}


def _address(symbols: Records, strings: bytes, name: str) -> int:
    """0 when it is not there. A name may be stored as the end of a longer one: every place counts."""
    wanted, place = name.encode() + b"\0", -1
    while (place := strings.find(wanted, place + 1)) >= 0:
        found = symbols[symbols["name"] == place]
        if len(found):
            return int(found[0]["value"])
    return 0
