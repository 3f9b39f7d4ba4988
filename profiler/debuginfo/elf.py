"""The headers, notes and symbol tables of an ELF file, for all that reads one.

Everything is read through `read_at`, never by mapping the file: a file that shrinks while it is mapped would kill the
agent. Nothing in a file is trusted: sizes are checked against a bound first, and a table that is cut short has the
records that are there.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from profiler.core.errors import WebprofError

MAX_NOTE_BYTES = 65_536
# With a section per function a program has megabytes of names; those that are asked for come first or early.
MAX_SECTION_NAMES_BYTES = 16 << 20
EM_X86_64 = 62
PT_LOAD, PT_NOTE, PT_GNU_EH_FRAME = 1, 4, 0x6474E550
SHT_SYMTAB, SHT_NOBITS, SHT_DYNSYM = 2, 8, 11

ReadAt = Callable[[int, int], bytes]
"""`read_at(offset, size)`: at most `size` bytes from there."""
Records = npt.NDArray[np.void]

_FILE = struct.Struct("<16sHHIQQQIHHHHHH")
_PROGRAM = struct.Struct("<IIQQQQQQ")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_NOTE = struct.Struct("<III")
SYMBOL = np.dtype(
    [("name", "<u4"), ("info", "u1"), ("other", "u1"), ("shndx", "<u2"), ("value", "<u8"), ("size", "<u8")]
)  # fmt: skip
_ELF64_LE = b"\x7fELF\x02\x01"
_PF_X = 1
_NT_GNU_BUILD_ID = 3


class ElfError(WebprofError):
    """Not an ELF file that we read (64 bit, little endian), or one whose headers make no sense."""


class Segment(NamedTuple):
    """A PT_LOAD: `size` bytes of the file at `offset` belong at the address `vaddr`."""

    offset: int
    vaddr: int
    size: int
    executable: bool = False


class Program(NamedTuple):
    kind: int
    flags: int
    offset: int
    vaddr: int
    size: int


class SectionHeader(NamedTuple):
    name: int
    kind: int
    vaddr: int
    offset: int
    size: int
    link: int


@dataclass(frozen=True)
class Headers:
    """`entry` is the file's entry point, 0 when it has none; `names` the index of the section with section names."""

    machine: int
    entry: int
    names: int
    programs: tuple[Program, ...]
    sections: tuple[SectionHeader, ...]

    @property
    def segments(self) -> tuple[Segment, ...]:
        loads = (p for p in self.programs if p.kind == PT_LOAD)
        return tuple(Segment(p.offset, p.vaddr, p.size, bool(p.flags & _PF_X)) for p in loads)


def read_headers(read_at: ReadAt) -> Headers:
    """Raises ElfError when it is no 64-bit little-endian ELF file. Counts are 16 bit, so tables are bounded."""
    head = read_at(0, _FILE.size)
    if len(head) < _FILE.size or not head.startswith(_ELF64_LE):
        raise ElfError("not a 64-bit little-endian ELF file")
    _, _, machine, _, entry, phoff, shoff, _, _, _, phnum, _, shnum, names = _FILE.unpack(head)
    programs = (Program(p[0], p[1], p[2], p[3], p[5]) for p in _table(read_at, _PROGRAM, phoff, phnum))
    sections = (SectionHeader(s[0], s[1], *s[3:7]) for s in _table(read_at, _SECTION, shoff, shnum))
    return Headers(machine, entry, names, tuple(programs), tuple(sections))


def symbol_sections(headers: Headers, kind: int, max_bytes: int) -> tuple[SectionHeader, SectionHeader] | None:
    """The first symbol table of this kind, and the section of its names; None without one, or over the bound."""
    for section in headers.sections:
        if section.kind == kind:
            if section.link >= len(headers.sections):
                return None
            names = headers.sections[section.link]
            return None if max(section.size, names.size) > max_bytes else (section, names)
    return None


def read_symbols(read_at: ReadAt, headers: Headers, kind: int, max_bytes: int) -> tuple[Records, bytes] | None:
    """The records and names of `symbol_sections`, as a whole."""
    found = symbol_sections(headers, kind, max_bytes)
    if found is None:
        return None
    section, names = found
    data = read_at(section.offset, section.size)
    symbols = np.frombuffer(data, dtype=SYMBOL, count=len(data) // SYMBOL.itemsize)
    return symbols, read_at(names.offset, names.size)


def named_sections(read_at: ReadAt, headers: Headers) -> dict[bytes, SectionHeader]:
    """Sections with content, by name; of equal names the first."""
    if headers.names >= len(headers.sections):
        return {}
    place = headers.sections[headers.names]
    names = read_at(place.offset, min(place.size, MAX_SECTION_NAMES_BYTES))
    found: dict[bytes, SectionHeader] = {}
    for section in headers.sections:
        if section.kind != SHT_NOBITS and section.name < len(names):
            found.setdefault(names[section.name : names.find(b"\0", section.name)], section)
    return found


def read_build_id(read_at: ReadAt, headers: Headers) -> str:
    """Hexadecimal; empty when the file has none."""
    for program in headers.programs:
        if program.kind == PT_NOTE:
            data = read_at(program.offset, min(program.size, MAX_NOTE_BYTES))
            for name, kind, content in notes(data):
                if name == b"GNU\0" and kind == _NT_GNU_BUILD_ID:
                    return content.hex()
    return ""


def _table(read_at: ReadAt, record: struct.Struct, offset: int, count: int) -> Iterator[tuple[int, ...]]:
    data = read_at(offset, count * record.size)
    return record.iter_unpack(data[: len(data) // record.size * record.size])


def notes(data: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """(name, type, content) of each note; name and content are padded to four bytes."""
    position = 0
    while position + _NOTE.size <= len(data):
        name_size, content_size, kind = _NOTE.unpack_from(data, position)
        name_at = position + _NOTE.size
        content_at = name_at + (name_size + 3 & ~3)
        yield data[name_at : name_at + name_size], kind, data[content_at : content_at + content_size]
        position = content_at + (content_size + 3 & ~3)
