"""/proc/PID/maps: which file or memory an address of a process belongs to."""

import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

# A process may have 65,530 mappings (vm.max_map_count) with paths of its own choosing; this much is read of them.
MAX_MAPS_BYTES = 32 << 20
_DELETED = " (deleted)"


@dataclass(frozen=True)
class Mapping:
    """An executable mapping. `path` is empty for anonymous memory, `[vdso]` and the like for the kernel's own."""

    start: int
    end: int
    offset: int
    inode: int
    path: str

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
    """The executable mappings of one process, sorted; `text` is what they were parsed from."""

    def __init__(self, mappings: Iterable[Mapping], text: str = "") -> None:
        self._mappings = sorted(mappings, key=lambda mapping: mapping.start)
        self._starts = [mapping.start for mapping in self._mappings]
        self.text = text

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls((mapping for line in text.splitlines() if (mapping := _parse_line(line))), text)

    @classmethod
    def of_process(cls, pid: int) -> Self:
        """Raises OSError when the process is gone. Empty for kernel threads."""
        with Path(f"/proc/{pid}/maps").open(errors="replace") as file:
            return cls.parse(file.read(MAX_MAPS_BYTES))

    def __len__(self) -> int:
        return len(self._mappings)

    def find(self, address: int) -> Mapping | None:
        index = bisect.bisect_right(self._starts, address) - 1
        if index >= 0 and address < self._mappings[index].end:
            return self._mappings[index]
        return None


def _parse_line(line: str) -> Mapping | None:
    """`start-end perms offset dev inode path`; None when not executable, or cut off by the read limit."""
    parts = line.split(None, 5)
    if len(parts) < 5 or "x" not in parts[1]:
        return None
    start, _, end = parts[0].partition("-")
    path = parts[5].removesuffix(_DELETED) if len(parts) > 5 else ""
    try:
        return Mapping(int(start, 16), int(end, 16), int(parts[2], 16), int(parts[4]), path)
    except ValueError:
        return None
