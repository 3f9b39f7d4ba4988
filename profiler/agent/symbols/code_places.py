"""Where a function, or a probe that its authors put there (USDT), is in a program's file."""

import difflib
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from profiler.core.errors import WebprofError
from profiler.debuginfo.elf import (
    SHT_DYNSYM,
    SHT_SYMTAB,
    ElfError,
    named_sections,
    notes,
    read_headers,
    read_symbols,
)

# As ElfImage's bound for symbol tables, and for notes: a browser has some thousand probes.
_MAX_TABLE_BYTES, _MAX_NOTES_BYTES = 256 << 20, 16 << 20
_FUNCTION, _INDIRECT = 2, 10
_STAPSDT, _STAPSDT_PROBE = b"stapsdt\0", 3
_PROBE = struct.Struct("<QQQ")  # address, base that it was linked with, semaphore
_NAMES_SHOWN = 5


class PlaceError(WebprofError):
    """The file can't be read, or has nothing of that name. The text names both, and what is like it."""


class ProbePlace(NamedTuple):
    """Offsets in the file. A semaphore is counted up while somebody listens; 0 where there is none."""

    offset: int
    semaphore: int


def function_place(path: Path, name: str) -> int:
    """Its offset in the file. Raises PlaceError."""
    with _Elf(path) as elf:
        names: list[str] = []
        for kind in (SHT_SYMTAB, SHT_DYNSYM):
            address = elf.function(kind, name, names)
            if address is not None:
                return elf.offset(address)
        raise PlaceError(f"{path} has no function {name}{_like(name, names)}")


def probe_places(path: Path, provider_and_name: str) -> list[ProbePlace]:
    """Of all places where the program has this probe. Raises PlaceError."""
    with _Elf(path) as elf:
        found = dict[str, list[ProbePlace]]()
        for name, place in elf.probes():
            found.setdefault(name, []).append(place)
        if provider_and_name not in found:
            none = ": it has none at all" if not found else _like(provider_and_name, found)
            raise PlaceError(f"{path} has no probe {provider_and_name}{none}")
        return found[provider_and_name]


def _like(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, names, n=_NAMES_SHOWN, cutoff=0.5)
    return f"; it has {', '.join(near)}" if near else " that a symbol names"


class _Elf:
    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise PlaceError(f"{path} can't be read: {error.strerror}") from error
        try:
            self._headers = read_headers(self._read_at)
        except (ElfError, OSError) as error:
            os.close(self._fd)
            raise PlaceError(f"{path} is no program: {error}") from error

    def __enter__(self) -> "_Elf":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def _read_at(self, offset: int, size: int) -> bytes:
        return os.pread(self._fd, size, offset)

    def offset(self, address: int) -> int:
        for segment in self._headers.segments:
            if segment.vaddr <= address < segment.vaddr + segment.size:
                return address - segment.vaddr + segment.offset
        raise PlaceError(f"{self._path}: address {address:#x} is in no part of it that is loaded")

    def function(self, kind: int, name: str, others: list[str]) -> int | None:
        """Its address; the names of `others` are gathered where it is not there."""
        tables = read_symbols(self._read_at, self._headers, kind, _MAX_TABLE_BYTES)
        if tables is None:
            return None
        symbols, strings = tables
        types = symbols["info"] & 0xF
        functions = symbols[((types == _FUNCTION) | (types == _INDIRECT)) & (symbols["shndx"] > 0)]
        wanted = name.encode()
        for symbol in functions:
            place = int(symbol["name"])
            if strings.startswith(wanted + b"\0", place):
                return int(symbol["value"])
        others += [_text(strings, int(place)) for place in functions["name"]]
        return None

    def probes(self) -> Iterator[tuple[str, ProbePlace]]:
        """Of the notes that SystemTap's sys/sdt.h makes: https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation."""
        sections = named_sections(self._read_at, self._headers)
        section, base = sections.get(b".note.stapsdt"), sections.get(b".stapsdt.base")
        if section is None:
            return
        for owner, kind, content in notes(self._read_at(section.offset, min(section.size, _MAX_NOTES_BYTES))):
            if owner == _STAPSDT and kind == _STAPSDT_PROBE and len(content) > _PROBE.size:
                address, linked_at, semaphore = _PROBE.unpack_from(content)
                moved = base.vaddr - linked_at if base else 0
                provider, name, *_ = content[_PROBE.size :].split(b"\0")
                place = ProbePlace(self.offset(address + moved), self.offset(semaphore + moved) if semaphore else 0)
                yield f"{provider.decode(errors='replace')}:{name.decode(errors='replace')}", place


def _text(strings: bytes, place: int) -> str:
    return strings[place : strings.find(b"\0", place)].decode(errors="replace")
