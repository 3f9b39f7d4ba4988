"""/proc/PID/maps: which file or memory an address of a process belongs to."""

import bisect
import re
import sys
from collections.abc import Iterable
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple, Self

from profiler.agent.maps_file import read_maps

# Of a process that ended; more are JIT code in pieces or an attempt on us.
MAX_MAPPINGS = 1024
_DELETED = " (deleted)"
# `start-end perms offset dev inode path`. A busy process's file has hundreds of lines, few of them executable.
_EXECUTABLE = re.compile(
    r"^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ..x\S* ([0-9a-f]{1,16}) (\S+) ([0-9]{1,20})(?: +(.*))?$", re.M
)


class Mapping(NamedTuple):
    """An executable mapping. `path` is empty for anonymous memory, `[vdso]` and the like for the kernel's own.

    `device` is the file system's, `major:minor` in hexadecimal, as /proc/PID/maps has it.
    """

    start: int
    end: int
    offset: int
    inode: int
    path: str
    device: str = ""

    @property
    def module(self) -> str:
        """The file's name, as frames carry it."""
        return self.path.rsplit("/", 1)[-1] or "[anon]"

    @property
    def is_file(self) -> bool:
        return self.inode != 0 and self.path.startswith("/")

    @property
    def map_files_name(self) -> str:
        """The mapping's entry in /proc/PID/map_files."""
        return f"{self.start:x}-{self.end:x}"


class ProcessMaps:
    """The executable mappings of one process, sorted."""

    def __init__(self, mappings: Iterable[Mapping]) -> None:
        self.mappings = sorted(mappings, key=itemgetter(0))
        self._starts = [mapping.start for mapping in self.mappings]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Lines that are cut off by the read limit, or of any other shape, are ignored."""
        return cls(_mapping(*found) for found in _EXECUTABLE.findall(text))

    @classmethod
    def of_process(cls, pid: int) -> Self:
        """Raises OSError when the process is gone. Empty for kernel threads."""
        return cls.parse(read_maps(pid))

    def __len__(self) -> int:
        return len(self.mappings)

    @cached_property
    def files(self) -> frozenset[tuple[str, int]]:
        """Device and inode of the files whose code is mapped."""
        return frozenset([(mapping.device, mapping.inode) for mapping in self.mappings if mapping.is_file])

    def find(self, address: int) -> Mapping | None:
        index = bisect.bisect_right(self._starts, address) - 1
        if index >= 0 and address < self.mappings[index].end:
            return self.mappings[index]
        return None


def _mapping(start: str, end: str, offset: str, device: str, inode: str, path: str) -> Mapping:
    # A library's path is in the mappings of many processes; it is kept once.
    path, device = sys.intern(path.removesuffix(_DELETED)), sys.intern(device)
    return Mapping(int(start, 16), int(end, 16), int(offset, 16), int(inode), path, device)
