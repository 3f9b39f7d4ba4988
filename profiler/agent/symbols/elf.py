"""What symbolising needs of an ELF file: loadable segments, build id, function symbols.

Reads only the headers and sections it needs, and trusts none of them: every offset and size is checked against a
bound before it is read, and a damaged table yields no symbols instead of an exception.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from profiler.agent.symbols.table import SymbolTable
from profiler.core.errors import WebprofError

# A browser's symbol table with debug symbols is about 100 MB; more than this is not worth the agent's memory.
MAX_SECTION_BYTES = 256 << 20
# ld.so refuses files with more program headers than this many (PN_XNUM); section counts are 16 bit as well.
MAX_HEADERS = 65_535
MAX_NOTE_BYTES = 65_536

ReadAt = Callable[[int, int], bytes]

_ELF64_LE = b"\x7fELF\x02\x01"
_PT_LOAD, _PT_NOTE = 1, 4
_SHT_SYMTAB, _SHT_DYNSYM = 2, 11
_NT_GNU_BUILD_ID = 3

_FILE_HEADER = np.dtype(
    [("ident", "S16"), ("type", "<u2"), ("machine", "<u2"), ("version", "<u4"), ("entry", "<u8"), ("phoff", "<u8"),
     ("shoff", "<u8"), ("flags", "<u4"), ("ehsize", "<u2"), ("phentsize", "<u2"), ("phnum", "<u2"),
     ("shentsize", "<u2"), ("shnum", "<u2"), ("shstrndx", "<u2")]
)  # fmt: skip
_SEGMENT = np.dtype(
    [("type", "<u4"), ("flags", "<u4"), ("offset", "<u8"), ("vaddr", "<u8"), ("paddr", "<u8"), ("filesz", "<u8"),
     ("memsz", "<u8"), ("align", "<u8")]
)  # fmt: skip
_SECTION = np.dtype(
    [("name", "<u4"), ("type", "<u4"), ("flags", "<u8"), ("addr", "<u8"), ("offset", "<u8"), ("size", "<u8"),
     ("link", "<u4"), ("info", "<u4"), ("addralign", "<u8"), ("entsize", "<u8")]
)  # fmt: skip
_SYMBOL = np.dtype(
    [("name", "<u4"), ("info", "u1"), ("other", "u1"), ("shndx", "<u2"), ("value", "<u8"), ("size", "<u8")]
)  # fmt: skip
Records = npt.NDArray[np.void]


class ElfError(WebprofError):
    """Not an ELF file that we read (64 bit, little endian), or one whose headers make no sense."""


@dataclass(frozen=True)
class Segment:
    """A PT_LOAD: `size` bytes of the file at `offset` belong at the address `vaddr`."""

    offset: int
    vaddr: int
    size: int


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
    header = _records(read_at, _FILE_HEADER, 0, 1)
    if not len(header) or not bytes(read_at(0, 6)).startswith(_ELF64_LE):
        raise ElfError("not a 64-bit little-endian ELF file")
    head = header[0]
    segments = _records(read_at, _SEGMENT, int(head["phoff"]), int(head["phnum"]))
    sections = _records(read_at, _SECTION, int(head["shoff"]), int(head["shnum"]))
    # .symtab names everything in .dynsym and more, so the second is only read in stripped files.
    full = _symbol_table(read_at, sections, _SHT_SYMTAB)
    symbols = full or _symbol_table(read_at, sections, _SHT_DYNSYM) or SymbolTable.empty()
    loads = segments[segments["type"] == _PT_LOAD]
    return ElfImage(
        build_id=_build_id(read_at, segments),
        segments=tuple(Segment(int(s["offset"]), int(s["vaddr"]), int(s["filesz"])) for s in loads),
        symbols=symbols,
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


def _records(read_at: ReadAt, dtype: np.dtype[np.void], offset: int, count: int) -> Records:
    """As many whole records as there are, at most `count`."""
    if count > MAX_HEADERS and dtype is not _SYMBOL:
        count = 0
    data = read_at(offset, count * dtype.itemsize)
    return np.frombuffer(data, dtype=dtype, count=len(data) // dtype.itemsize)


def _symbol_table(read_at: ReadAt, sections: Records, kind: int) -> SymbolTable | None:
    for section in sections[sections["type"] == kind][:1]:
        link, size = int(section["link"]), int(section["size"])
        if link >= len(sections) or size > MAX_SECTION_BYTES or int(sections[link]["size"]) > MAX_SECTION_BYTES:
            return None
        symbols = _records(read_at, _SYMBOL, int(section["offset"]), size // _SYMBOL.itemsize)
        strings = read_at(int(sections[link]["offset"]), int(sections[link]["size"]))
        return SymbolTable.from_symbols(
            symbols["value"], symbols["size"], symbols["info"], symbols["shndx"], symbols["name"], strings
        )
    return None


def _build_id(read_at: ReadAt, segments: Records) -> str:
    for segment in segments[segments["type"] == _PT_NOTE]:
        data = read_at(int(segment["offset"]), min(int(segment["filesz"]), MAX_NOTE_BYTES))
        for name, kind, content in _notes(data):
            if name == b"GNU\0" and kind == _NT_GNU_BUILD_ID:
                return content.hex()
    return ""


def _notes(data: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """(name, type, content) of each note; the three parts are padded to four bytes."""
    position = 0
    while position + 12 <= len(data):
        name_size, content_size, kind = np.frombuffer(data, "<u4", 3, position).tolist()
        name_at = position + 12
        content_at = name_at + (name_size + 3 & ~3)
        yield data[name_at : name_at + name_size], kind, data[content_at : content_at + content_size]
        position = content_at + (content_size + 3 & ~3)
