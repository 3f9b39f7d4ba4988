"""What a debug file is, from its headers: nothing else is read here, and no size that they tell is believed."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from profiler.core.errors import WebprofError
from profiler.debuginfo.elf import (
    EM_X86_64,
    SHT_NOBITS,
    SHT_SYMTAB,
    ElfError,
    Headers,
    ReadAt,
    SectionHeader,
    read_build_id,
    read_headers,
)
from profiler.models.debug_file import BUILD_ID_PATTERN

# Names of sections; compilers that give every function a section of its own have megabytes of them.
MAX_SECTION_NAMES_BYTES = 16 << 20
# What messages call other machines (e_machine in the ELF specification).
MACHINES = {
    3: "32-bit x86",
    8: "MIPS",
    20: "PowerPC",
    21: "64-bit PowerPC",
    22: "S/390",
    40: "32-bit ARM",
    183: "ARM64",
    243: "RISC-V",
}
E_SHNUM = 60  # where the header tells the number of sections
DEBUG_INFO = (b".debug_info", b".zdebug_info")


class DebugFileError(WebprofError):
    """A file that can't give names. The text says why and what to send instead."""


@dataclass(frozen=True)
class DebugFileFacts:
    """has_names: a full symbol table; has_lines: DWARF, with source lines and inlined functions."""

    build_id: str
    has_names: bool
    has_lines: bool


def inspect(path: Path, expected: str = "") -> DebugFileFacts:
    """`expected` is the build that was asked for, where one was. Raises DebugFileError."""
    with path.open("rb") as file:
        fd, size = file.fileno(), os.fstat(file.fileno()).st_size
        facts = _facts(lambda offset, length: os.pread(fd, length, offset) if offset < size else b"", size)
    if expected and facts.build_id != expected:
        raise DebugFileError(f"build {expected} was asked for, and this is build {facts.build_id}")
    return facts


def _facts(read_at: ReadAt, size: int) -> DebugFileFacts:
    try:
        headers = read_headers(read_at)
    except ElfError as error:
        raise DebugFileError(f"{error}; send the program, the library or its debug file") from error
    _require_our_machine(headers.machine)
    _require_whole(read_at, headers, size)
    build_id = read_build_id(read_at, headers)
    if not re.fullmatch(BUILD_ID_PATTERN, build_id):
        raise DebugFileError("it has no build id, so nothing says which program it belongs to; link with --build-id")
    facts = DebugFileFacts(build_id, _has_names(headers), _has_lines(read_at, headers))
    if not (facts.has_names or facts.has_lines):
        raise DebugFileError("it is stripped: it has no symbol table and no debug information; send the one that has")
    return facts


def _require_our_machine(machine: int) -> None:
    if machine != EM_X86_64:
        name = MACHINES.get(machine, f"machine {machine}")
        raise DebugFileError(f"it is for {name}; profiles are recorded on x86-64, whose files have machine {EM_X86_64}")


def _require_whole(read_at: ReadAt, headers: Headers, size: int) -> None:
    told = int.from_bytes(read_at(E_SHNUM, 2), "little")
    if not told or len(headers.sections) < told:
        raise DebugFileError(
            f"{len(headers.sections)} of {told} section headers are there: it is cut short; send it again"
        )
    for number, section in enumerate(headers.sections):
        if section.kind != SHT_NOBITS and section.offset + section.size > size:
            raise DebugFileError(
                f"it is cut short or damaged: section {number} ends at byte {section.offset + section.size:,}, "
                f"the file at {size:,}; send it again"
            )


def _has_names(headers: Headers) -> bool:
    return any(section.kind == SHT_SYMTAB and section.size for section in headers.sections)


def _has_lines(read_at: ReadAt, headers: Headers) -> bool:
    if headers.names >= len(headers.sections):
        return False
    table = headers.sections[headers.names]
    names = read_at(table.offset, min(table.size, MAX_SECTION_NAMES_BYTES))
    return any(_name(names, section) in DEBUG_INFO for section in headers.sections if _has_content(section))


def _has_content(section: SectionHeader) -> bool:
    return section.kind != SHT_NOBITS and section.size > 0


def _name(names: bytes, section: SectionHeader) -> bytes:
    return names[section.name : names.find(b"\0", section.name)]
