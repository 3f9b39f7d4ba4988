"""Unwind tables for one loaded program: sizes for its maps, and everything that fills them."""

import os
from pathlib import Path
from typing import Protocol

from profiler.agent.unwind import kernel_mappings
from profiler.agent.unwind.file_memory import FileMemory
from profiler.agent.unwind.kernel_mappings import KnownFiles
from profiler.agent.unwind.loader import TableLoader
from profiler.agent.unwind.mapped_array import MappedArray
from profiler.agent.unwind.parse_queue import ParseQueue
from profiler.agent.unwind.process_tables import MAPPING_BYTES, ProcessTables
from profiler.agent.unwind.refresher import Refresher
from profiler.agent.unwind.row_store import RowStore
from profiler.agent.unwind.rows import ROW_BYTES
from profiler.agent.unwind.rows_cache import RowsCache

# A busy server has mapped 3 M rows, a browser alone 2 M. They take kernel memory while a recording runs: 64 MiB, and
# less on small machines.
MAX_ROW_ENTRIES = 8 << 20
_MEMORY_SHARE = 1 / 128
# Some thousand processes of 20 mappings; 2 MiB.
MAPPING_ENTRIES = 1 << 16
PROCESS_ENTRIES = 8192
_REQUEST_PAGES = 16
_PAGE = 4096


def row_entries(memory_bytes: int) -> int:
    return min(MAX_ROW_ENTRIES, int(memory_bytes * _MEMORY_SHARE) // ROW_BYTES)


ROW_ENTRIES = row_entries(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
SIZES = {
    "ROW_ENTRIES": ROW_ENTRIES,
    "MAPPING_ENTRIES": MAPPING_ENTRIES,
    "PROCESS_ENTRIES": PROCESS_ENTRIES,
    "REQUEST_PAGES": _REQUEST_PAGES,
    "FILE_ENTRIES": kernel_mappings.FILE_ENTRIES,
}


def switches() -> set[str]:
    """Parts of the program that this kernel can do."""
    return {kernel_mappings.SWITCH} if kernel_mappings.kernel_offsets() else set()


def sizes() -> dict[str, int]:
    return SIZES | kernel_mappings.kernel_offsets()


class Maps(Protocol):
    def map_fd(self, name: str) -> int: ...


class Unwinder:
    """`start` before the program is attached, `close` after it is detached."""

    def __init__(self, maps: Maps, cache_directory: Path) -> None:
        self._processes = ProcessTables(
            maps.map_fd("unwind_processes"),
            PROCESS_ENTRIES,
            MappedArray(maps.map_fd("unwind_mappings"), MAPPING_BYTES, MAPPING_ENTRIES),
        )
        store = RowStore(MappedArray(maps.map_fd("unwind_rows"), ROW_BYTES, ROW_ENTRIES))
        cache = RowsCache(cache_directory)
        queue = ParseQueue(self._wake, cache.put)
        known_files = KnownFiles(maps.map_fd("unwind_files"), maps.map_fd("unwind_vdso")) if switches() else None
        self.loader = TableLoader(self._processes, store, cache, queue, known_files, FileMemory(cache_directory))
        fd = maps.map_fd("unwind_requests")
        self._refresher = Refresher(self.loader, self._processes, fd, _REQUEST_PAGES * _PAGE)
        self._refresher.use_queue(queue)

    def check(self) -> None:
        """Raise what ended the refreshing, if anything did."""
        if self._refresher.failure:
            raise self._refresher.failure

    def start(self, pids: tuple[int, ...], *, new_processes: bool = False) -> None:
        """With `pids`: their tables are there when this returns. Without: all processes', busiest first, soon after.

        `new_processes`: beside the pids, such as have not been started yet will be sampled.
        """
        self._refresher.start(pids, new_processes=new_processes)

    def take_skipped(self) -> dict[str, int]:
        """What could not be put into the tables since the last call, by reason."""
        return self.loader.skips.take()

    def close(self) -> None:
        self._refresher.close()

    def _wake(self) -> None:
        self._refresher.wake()


def default_cache_directory() -> Path:
    """Beside the agent's data when it has some, else where the system keeps what can be made again."""
    data = os.environ.get("WEBPROF_DATA")
    if data:
        return Path(data) / "unwind"
    if os.geteuid() == 0:
        return Path("/var/cache/webprof/unwind")
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "webprof" / "unwind"
