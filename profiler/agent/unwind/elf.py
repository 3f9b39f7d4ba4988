"""What unwinding needs of an ELF image: loadable segments, .eh_frame, and an identity to cache by.

Only headers and the one section are read, through `read_at`, never by mapping the file: a file that shrinks while it
is mapped would kill the agent. Every size from the file is checked against a bound first.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from profiler.agent.symbols.elf import ElfError, ReadAt

# Chromium's .eh_frame is about 30 MB; parsing time and memory grow with the section.
MAX_EH_FRAME_BYTES = 128 << 20
# Real files have up to some hundred; the table is read in one piece.
MAX_HEADERS = 4096
MAX_NOTE_BYTES = 65_536
MAX_NAMES_BYTES = 1 << 20

_FILE = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_NOTE = struct.Struct("<III")
_ELF64_LE = b"\x7fELF\x02\x01"
_EM_X86_64 = 62
_PT_LOAD, _PT_NOTE, _PT_GNU_EH_FRAME = 1, 4, 0x6474E550
_PF_X = 1
_SHT_NOBITS = 8
_NT_GNU_BUILD_ID = 3
# .eh_frame_hdr: version 1, then the encodings of three fields; the first field points to .eh_frame.
_HDR_PREFIX = b"\x01\x1b"  # pc-relative, signed 32 bit: what every linker writes


class Segment(NamedTuple):
    """A PT_LOAD: `size` bytes of the file at `offset` belong at the address `vaddr`."""

    offset: int
    vaddr: int
    size: int
    executable: bool


class SectionPlace(NamedTuple):
    """Where .eh_frame stands in its file. `entry`: the file's entry point, 0 when it has none."""

    vaddr: int
    offset: int
    size: int
    entry: int


class Section(NamedTuple):
    """A .eh_frame that was read."""

    vaddr: int
    data: bytes
    entry: int = 0


class _Program(NamedTuple):
    kind: int
    flags: int
    offset: int
    vaddr: int
    size: int


_Place = tuple[int, int, int]  # address, offset, size


@dataclass(frozen=True)
class UnwindImage:
    """`eh_frame` is None where a file has none (Go, most assembler)."""

    segments: tuple[Segment, ...]
    eh_frame: SectionPlace | None
    build_id: bytes


def read_image(read_at: ReadAt) -> UnwindImage:
    """Raises ElfError when it is no x86-64 ELF file, or when a size in it passes a bound."""
    head = read_at(0, _FILE.size)
    if len(head) < _FILE.size or not head.startswith(_ELF64_LE):
        raise ElfError("not a 64-bit little-endian ELF file")
    _, _, machine, _, entry, phoff, shoff, _, _, _, phnum, _, shnum, names_index = _FILE.unpack(head)
    if machine != _EM_X86_64:
        raise ElfError(f"ELF machine {machine} is not x86-64")
    programs = [_Program(p[0], p[1], p[2], p[3], p[5]) for p in _table(read_at, _SEGMENT, phoff, phnum)]
    sections = list(_table(read_at, _SECTION, shoff, shnum))
    found = _by_section(read_at, sections, names_index) or _by_header(read_at, programs)
    return UnwindImage(
        segments=tuple(
            Segment(p.offset, p.vaddr, p.size, bool(p.flags & _PF_X)) for p in programs if p.kind == _PT_LOAD
        ),
        eh_frame=_bounded(*found, entry) if found else None,
        build_id=_build_id(read_at, programs),
    )


def _table(read_at: ReadAt, record: struct.Struct, offset: int, count: int) -> Iterator[tuple[int, ...]]:
    if count > MAX_HEADERS:
        raise ElfError(f"{count} headers are over MAX_HEADERS ({MAX_HEADERS})")
    data = read_at(offset, count * record.size)
    return record.iter_unpack(data[: len(data) // record.size * record.size])


def _by_section(read_at: ReadAt, sections: list[tuple[int, ...]], names_index: int) -> _Place | None:
    if names_index >= len(sections):
        return None
    names = read_at(sections[names_index][4], min(sections[names_index][5], MAX_NAMES_BYTES))
    for name, kind, _, vaddr, offset, size, *_ in sections:
        if kind != _SHT_NOBITS and names[name : name + 10] == b".eh_frame\0":
            return vaddr, offset, size
    return None


def _by_header(read_at: ReadAt, programs: list[_Program]) -> _Place | None:
    """Without section headers: .eh_frame starts where .eh_frame_hdr says; its own terminator ends it."""
    for header in programs:
        if header.kind == _PT_GNU_EH_FRAME:
            data = read_at(header.offset, 8)
            if len(data) == 8 and data.startswith(_HDR_PREFIX):
                vaddr = header.vaddr + 4 + int.from_bytes(data[4:], "little", signed=True)
                return _in_segment(programs, vaddr)
    return None


def _in_segment(programs: list[_Program], vaddr: int) -> _Place | None:
    for load in programs:
        if load.kind == _PT_LOAD and load.vaddr <= vaddr < load.vaddr + load.size:
            skipped = vaddr - load.vaddr
            return vaddr, load.offset + skipped, load.size - skipped
    return None


def _bounded(vaddr: int, offset: int, size: int, entry: int) -> SectionPlace:
    if size > MAX_EH_FRAME_BYTES:
        raise ElfError(f".eh_frame of {size} bytes is over MAX_EH_FRAME_BYTES ({MAX_EH_FRAME_BYTES})")
    return SectionPlace(vaddr, offset, size, entry)


def _build_id(read_at: ReadAt, programs: list[_Program]) -> bytes:
    for program in programs:
        if program.kind == _PT_NOTE:
            data = read_at(program.offset, min(program.size, MAX_NOTE_BYTES))
            for name, kind, content in _notes(data):
                if name == b"GNU\0" and kind == _NT_GNU_BUILD_ID:
                    return content
    return b""


def _notes(data: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """(name, type, content) of each note; name and content are padded to four bytes."""
    position = 0
    while position + _NOTE.size <= len(data):
        name_size, content_size, kind = _NOTE.unpack_from(data, position)
        name_at = position + _NOTE.size
        content_at = name_at + (name_size + 3 & ~3)
        yield data[name_at : name_at + name_size], kind, data[content_at : content_at + content_size]
        position = content_at + (content_size + 3 & ~3)
