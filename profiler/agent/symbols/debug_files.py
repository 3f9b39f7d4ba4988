"""Where the debug information of a file is: in the file itself, or in a separate one that it names.

Separate files are looked for on the host and then in the process's container, by build id and by .gnu_debuglink. One is
only believed when it has the same build id, or when its content has the checksum that the link tells.
"""

import os
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from profiler.debuginfo.elf import ElfError
from profiler.debuginfo.image import ElfImage, open_for_reading, read_elf_descriptor
from profiler.debuginfo.worker import Descriptors

DEBUG_DIRECTORY = "usr/lib/debug"
# The checksum is of the whole file, 1 GB/s; larger debug files are found by their build ids.
MAX_CHECKED_BYTES = 256 << 20
_PIECE = 1 << 20


class OpenDwarf:
    """Descriptors that stay open as long as somebody holds this: a look-up may be under way when it is forgotten."""

    def __init__(self, descriptors: Descriptors) -> None:
        self.descriptors = descriptors

    def __del__(self) -> None:
        for fd in self.descriptors:
            if fd >= 0:
                os.close(fd)


class FoundFile(NamedTuple):
    """The image with the best symbols there are; its DWARF, None when there is none."""

    image: ElfImage
    dwarf: OpenDwarf | None


def open_with_debug_info(path: Path, place: Path, roots: tuple[Path, ...]) -> FoundFile:
    """`path` opens the file, which is at `place` within the last of the `roots`. Raises ElfError or OSError."""
    fd = open_for_reading(path)
    try:
        image = read_elf_descriptor(fd)
    except (ElfError, OSError):
        os.close(fd)
        raise
    if image.has_dwarf:
        return FoundFile(image, _with_alternate(fd, image, place, roots))
    os.close(fd)
    for candidate in _candidates(image, place, roots):
        separate = _open_matching(candidate, image)
        if separate is not None:
            return _joined(image, separate, candidate, roots)
    return FoundFile(image, None)


def _candidates(image: ElfImage, place: Path, roots: tuple[Path, ...]) -> Iterator[Path]:
    inside = str(place.parent).lstrip("/")
    for root in roots:
        if image.build_id:
            yield root / _by_build_id(image.build_id)
        if image.debug_link:
            for directory in (inside, f"{inside}/.debug", f"{DEBUG_DIRECTORY}/{inside}"):
                yield root / directory / image.debug_link.name


def _by_build_id(build_id: str) -> str:
    return f"{DEBUG_DIRECTORY}/.build-id/{build_id[:2]}/{build_id[2:]}.debug"


def _open_matching(path: Path, image: ElfImage) -> tuple[int, ElfImage] | None:
    try:
        fd = open_for_reading(path)
    except OSError:
        return None
    try:
        found = read_elf_descriptor(fd)
        if found.build_id == image.build_id if image.build_id else _has_checksum(fd, image):
            return fd, found
    except (ElfError, OSError):
        pass
    os.close(fd)
    return None


def _has_checksum(fd: int, image: ElfImage) -> bool:
    if image.debug_link is None or os.fstat(fd).st_size > MAX_CHECKED_BYTES:
        return False
    crc, done = 0, 0
    while data := os.pread(fd, _PIECE, done):
        crc = zlib.crc32(data, crc)
        done += len(data)
    return crc == image.debug_link.crc


def _joined(image: ElfImage, separate: tuple[int, ElfImage], path: Path, roots: tuple[Path, ...]) -> FoundFile:
    fd, debug = separate
    if image.stripped and debug.symbols:
        image = replace(image, symbols=debug.symbols, stripped=False)
    if debug.has_dwarf:
        return FoundFile(image, _with_alternate(fd, debug, path, roots))
    os.close(fd)
    return FoundFile(image, None)


def _with_alternate(fd: int, debug: ElfImage, path: Path, roots: tuple[Path, ...]) -> OpenDwarf:
    link = debug.alternate_link
    if link is None:
        return OpenDwarf(Descriptors(fd))
    places = (
        [root / link.path.lstrip("/") for root in roots] if link.path.startswith("/") else [path.parent / link.path]
    )
    for place in [*places, *(root / _by_build_id(link.build_id) for root in roots)]:
        found = _open_matching(place, replace(debug, build_id=link.build_id))
        if found is not None:
            return OpenDwarf(Descriptors(fd, found[0]))
    return OpenDwarf(Descriptors(fd))
