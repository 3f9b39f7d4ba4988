"""What symbolising needs of an ELF file: loadable segments, build id, function symbols."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from profiler.debuginfo.elf import (
    SHT_DYNSYM,
    SHT_SYMTAB,
    Headers,
    ReadAt,
    SectionHeader,
    Segment,
    named_sections,
    read_build_id,
    read_headers,
    symbol_sections,
)
from profiler.debuginfo.function_ranges import FunctionRanges
from profiler.debuginfo.symbol_table import SymbolTable
from profiler.debuginfo.unwound_functions import unwound_functions

# A browser's symbol table with debug symbols is about 100 MB; more than this is not worth the agent's memory.
MAX_SECTION_BYTES = 256 << 20
# A file name and a checksum, or a path and a build id.
_MAX_LINK_BYTES = 4096 + 64


class DebugLink(NamedTuple):
    """.gnu_debuglink: the name of the debug file, and the CRC-32 of its content."""

    name: str
    crc: int


class AlternateLink(NamedTuple):
    """.gnu_debugaltlink: the file with what several debug files have in common (made by dwz)."""

    path: str
    build_id: str


@dataclass(frozen=True)
class ElfImage:
    """`unwound`: where the functions are that have no symbol, in a stripped file; elsewhere it is empty."""

    build_id: str
    segments: tuple[Segment, ...]
    symbols: SymbolTable
    stripped: bool
    unwound: FunctionRanges = field(default_factory=FunctionRanges.none)
    has_dwarf: bool = False
    debug_link: DebugLink | None = None
    alternate_link: AlternateLink | None = None

    @property
    def nbytes(self) -> int:
        return self.symbols.nbytes + self.unwound.nbytes

    def function_start(self, address: int) -> int | None:
        """Where the function begins that holds the address, or None when the unwind tables don't have it."""
        number = self.unwound.number(address)
        return None if number is None else self.unwound.start(number)

    def address_of(self, file_offset: int) -> int | None:
        """The address (as symbols count it) of a byte of the file, or None when no segment holds it."""
        for segment in self.segments:
            if segment.offset <= file_offset < segment.offset + segment.size:
                return file_offset - segment.offset + segment.vaddr
        return None


def read_elf(read_at: ReadAt) -> ElfImage:
    """Parse an ELF image. `read_at(offset, size)` may return less. Raises ElfError."""
    headers = read_headers(read_at)
    # .symtab names everything in .dynsym and more, so the second is only read in stripped files.
    full = _symbol_table(read_at, headers, SHT_SYMTAB)
    sections = named_sections(read_at, headers)
    return ElfImage(
        build_id=read_build_id(read_at, headers),
        segments=headers.segments,
        symbols=full or _symbol_table(read_at, headers, SHT_DYNSYM) or SymbolTable.empty(),
        stripped=not full,
        unwound=FunctionRanges.none() if full else _unwound(read_at, sections),
        has_dwarf=b".debug_info" in sections or b".zdebug_info" in sections,
        debug_link=_debug_link(read_at, sections.get(b".gnu_debuglink")),
        alternate_link=_alternate_link(read_at, sections.get(b".gnu_debugaltlink")),
    )


def read_elf_file(path: str | Path) -> ElfImage:
    """Parse a regular file. Raises ElfError, or OSError when it can't be opened."""
    fd = open_for_reading(path)
    try:
        return read_elf_descriptor(fd)
    finally:
        os.close(fd)


def read_elf_descriptor(fd: int) -> ElfImage:
    """Parse an open file. Raises ElfError, or OSError when it can't be read."""
    return read_elf(lambda offset, size: os.pread(fd, size, offset) if offset < 1 << 62 else b"")


def open_for_reading(path: str | Path) -> int:
    """O_NONBLOCK: opening a FIFO that somebody put there must not hang us. Raises OSError."""
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)


def _unwound(read_at: ReadAt, sections: Mapping[bytes, SectionHeader]) -> FunctionRanges:
    header, frames = sections.get(b".eh_frame_hdr"), sections.get(b".eh_frame")
    return unwound_functions(read_at, header, frames) if header and frames else FunctionRanges.none()


def _debug_link(read_at: ReadAt, section: SectionHeader | None) -> DebugLink | None:
    """Name, zero bytes up to a multiple of four, CRC."""
    data = _link_bytes(read_at, section)
    name, end, _ = data.partition(b"\0")
    if not end or not name or b"/" in name or len(data) < len(name) + 5:
        return None
    return DebugLink(os.fsdecode(name), int.from_bytes(data[-4:], "little"))


def _alternate_link(read_at: ReadAt, section: SectionHeader | None) -> AlternateLink | None:
    name, _, build_id = _link_bytes(read_at, section).partition(b"\0")
    return AlternateLink(os.fsdecode(name), build_id.hex()) if name and build_id else None


def _link_bytes(read_at: ReadAt, section: SectionHeader | None) -> bytes:
    if section is None or section.size > _MAX_LINK_BYTES:
        return b""
    return read_at(section.offset, section.size)


def _symbol_table(read_at: ReadAt, headers: Headers, kind: int) -> SymbolTable | None:
    found = symbol_sections(headers, kind, MAX_SECTION_BYTES)
    return SymbolTable.read(read_at, *found) if found else None
