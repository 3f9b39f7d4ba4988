"""What unwinding needs of an ELF image: loadable segments and where .eh_frame is."""

from dataclasses import dataclass
from typing import NamedTuple

from profiler.debuginfo.elf import (
    EM_X86_64,
    PT_GNU_EH_FRAME,
    PT_LOAD,
    SHT_NOBITS,
    ElfError,
    Headers,
    Program,
    ReadAt,
    Segment,
    read_headers,
)

# Chromium's .eh_frame is about 30 MB; parsing time and memory grow with the section.
MAX_EH_FRAME_BYTES = 128 << 20
MAX_NAMES_BYTES = 1 << 20

# .eh_frame_hdr: version 1, then the encodings of three fields; the first field points to .eh_frame.
_HDR_PREFIX = b"\x01\x1b"  # pc-relative, signed 32 bit: what every linker writes


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


_Place = tuple[int, int, int]  # address, offset, size


@dataclass(frozen=True)
class UnwindImage:
    """`eh_frame` is None where a file has none (Go, most assembler)."""

    segments: tuple[Segment, ...]
    eh_frame: SectionPlace | None


def read_image(read_at: ReadAt) -> UnwindImage:
    """Raises ElfError when it is no x86-64 ELF file, or when a size in it passes a bound."""
    headers = read_headers(read_at)
    if headers.machine != EM_X86_64:
        raise ElfError(f"ELF machine {headers.machine} is not x86-64")
    found = _by_section(read_at, headers) or _by_header(read_at, headers.programs)
    return UnwindImage(headers.segments, _bounded(*found, headers.entry) if found else None)


def _by_section(read_at: ReadAt, headers: Headers) -> _Place | None:
    if headers.names >= len(headers.sections):
        return None
    place = headers.sections[headers.names]
    names = read_at(place.offset, min(place.size, MAX_NAMES_BYTES))
    for section in headers.sections:
        if section.kind != SHT_NOBITS and names[section.name : section.name + 10] == b".eh_frame\0":
            return section.vaddr, section.offset, section.size
    return None


def _by_header(read_at: ReadAt, programs: tuple[Program, ...]) -> _Place | None:
    """Without section headers: .eh_frame starts where .eh_frame_hdr says; its own terminator ends it."""
    for header in programs:
        if header.kind == PT_GNU_EH_FRAME:
            data = read_at(header.offset, 8)
            if len(data) == 8 and data.startswith(_HDR_PREFIX):
                vaddr = header.vaddr + 4 + int.from_bytes(data[4:], "little", signed=True)
                return _in_segment(programs, vaddr)
    return None


def _in_segment(programs: tuple[Program, ...], vaddr: int) -> _Place | None:
    for load in programs:
        if load.kind == PT_LOAD and load.vaddr <= vaddr < load.vaddr + load.size:
            skipped = vaddr - load.vaddr
            return vaddr, load.offset + skipped, load.size - skipped
    return None


def _bounded(vaddr: int, offset: int, size: int, entry: int) -> SectionPlace:
    if size > MAX_EH_FRAME_BYTES:
        raise ElfError(f".eh_frame of {size} bytes is over MAX_EH_FRAME_BYTES ({MAX_EH_FRAME_BYTES})")
    return SectionPlace(vaddr, offset, size, entry)
