"""What symbolising needs of an ELF file: loadable segments, build id, function symbols."""

import os
from dataclasses import dataclass
from pathlib import Path

from profiler.debuginfo.elf import (
    SHT_DYNSYM,
    SHT_SYMTAB,
    Headers,
    ReadAt,
    Segment,
    read_build_id,
    read_headers,
    read_symbols,
)
from profiler.debuginfo.symbol_table import SymbolTable

# A browser's symbol table with debug symbols is about 100 MB; more than this is not worth the agent's memory.
MAX_SECTION_BYTES = 256 << 20


@dataclass(frozen=True)
class ElfImage:
    build_id: str
    segments: tuple[Segment, ...]
    symbols: SymbolTable
    stripped: bool

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
    return ElfImage(
        build_id=read_build_id(read_at, headers),
        segments=headers.segments,
        symbols=full or _symbol_table(read_at, headers, SHT_DYNSYM) or SymbolTable.empty(),
        stripped=not full,
    )


def read_elf_file(path: str | Path) -> ElfImage:
    """Parse a regular file. Raises ElfError, or OSError when it can't be opened."""
    # O_NONBLOCK: opening a FIFO somebody put there must not hang the agent.
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        return read_elf(lambda offset, size: os.pread(fd, size, offset) if offset < 1 << 62 else b"")
    finally:
        os.close(fd)


def _symbol_table(read_at: ReadAt, headers: Headers, kind: int) -> SymbolTable | None:
    found = read_symbols(read_at, headers, kind, MAX_SECTION_BYTES)
    if found is None:
        return None
    symbols, names = found
    return SymbolTable.from_symbols(
        symbols["value"], symbols["size"], symbols["info"], symbols["shndx"], symbols["name"], names
    )
