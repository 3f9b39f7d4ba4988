"""The executable mappings of a process, and the files behind them."""

import mmap
import os
import stat
from pathlib import Path
from typing import NamedTuple

from profiler.agent.maps_file import read_maps
from profiler.debuginfo.elf import ElfError, Segment

# The binary search in BPF has MAPPING_STEPS (11) steps; a process with more is JIT code in pieces or an attempt on us.
MAX_MAPPINGS = 1024
# The kernel's own code in every process is some pages.
MAX_VDSO_BYTES = 64 << 10
# Offsets are the file's own claims; pread refuses those that are negative as signed numbers.
MAX_OFFSET = 1 << 62

VDSO = "[vdso]"


class FileKey(NamedTuple):
    """A file's content as far as it can be told without reading it."""

    device: int
    inode: int
    size: int
    mtime_ns: int


VDSO_KEY = FileKey(0, 0, 0, 0)


class Mapping(NamedTuple):
    """Executable memory at [start, end). `inode` is 0 for anonymous memory and the kernel's own."""

    start: int
    end: int
    offset: int
    inode: int
    name: str


class ProcessMappings(NamedTuple):
    """Sorted by start. `dropped`: mappings over MAX_MAPPINGS."""

    mappings: list[Mapping]
    dropped: int


def parse_maps(text: str) -> ProcessMappings:
    """The executable mappings of a /proc/PID/maps. Files come first when there are too many: JIT code has no rows."""
    found: list[Mapping] = []
    for line in text.splitlines():
        fields = line.split(None, 5)
        if len(fields) >= 5 and "x" in fields[1]:
            start, _, end = fields[0].partition("-")
            name = fields[5] if len(fields) > 5 else ""
            found.append(Mapping(int(start, 16), int(end, 16), int(fields[2], 16), int(fields[4]), name))
    kept = found
    if len(found) > MAX_MAPPINGS:
        kept = sorted(found, key=_dispensability)[:MAX_MAPPINGS]
    return ProcessMappings(sorted(kept), len(found) - len(kept))


def _dispensability(mapping: Mapping) -> int:
    """Files first, then deleted ones (shared memory is a deleted file too), then anonymous memory."""
    return 2 if mapping.inode == 0 else int(mapping.name.endswith(" (deleted)"))


def read_mappings(pid: int) -> ProcessMappings:
    """Raises OSError when the process is gone. Empty for kernel threads."""
    return parse_maps(read_maps(pid))


def backing_file(pid: int, mapping: Mapping) -> str:
    """A path to the very file that is mapped, also when it was deleted, replaced, or is in a container."""
    return f"/proc/{pid}/map_files/{mapping.start:x}-{mapping.end:x}"


def file_key(pid: int, mapping: Mapping) -> FileKey | None:
    """None for memory without a file. Raises OSError when the process or the mapping is gone."""
    if mapping.name == VDSO:
        return VDSO_KEY
    if mapping.inode == 0:
        return None
    status = os.stat(backing_file(pid, mapping))  # noqa: PTH116 (called for each mapping of each process)
    return FileKey(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def open_backing(pid: int, mapping: Mapping) -> "Backing":
    """Raises ElfError when it is no file, or OSError when it can't be opened."""
    if mapping.name == VDSO:
        return own_vdso()
    # O_NONBLOCK: opening a FIFO or a device that somebody mapped must not hang the agent.
    fd = os.open(backing_file(pid, mapping), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise ElfError("not a regular file")
    return Backing(b"", fd)


class Backing:
    """An open image: a file, or the vdso's bytes. `close` when done."""

    def __init__(self, image: bytes, fd: int) -> None:
        self._image = image
        self._fd = fd

    def read_at(self, offset: int, size: int) -> bytes:
        if self._fd < 0:
            return self._image[offset : offset + size]
        return os.pread(self._fd, size, offset) if offset < MAX_OFFSET else b""

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def own_vdso() -> Backing:
    """The kernel maps the same code into every process, and a process may overwrite its own copy: ours is right."""
    vdso = next((mapping for mapping in read_mappings(os.getpid()).mappings if mapping.name == VDSO), None)
    if vdso is None:
        raise ElfError("this kernel has no vdso")
    with Path("/proc/self/mem").open("rb", buffering=0) as memory:
        memory.seek(vdso.start)
        return Backing(memory.read(min(vdso.end - vdso.start, MAX_VDSO_BYTES)), -1)


def bias_of(mapping: Mapping, segments: tuple[Segment, ...]) -> int | None:
    """The mapping's addresses minus the ELF addresses; None when no executable segment is mapped there."""
    for segment in segments:
        # A mapping starts at the page that holds the segment's first byte, or further in after an mprotect.
        first = segment.offset - segment.offset % mmap.PAGESIZE
        if segment.executable and first <= mapping.offset < segment.offset + segment.size:
            return mapping.start - mapping.offset + segment.offset - segment.vaddr
    return None
