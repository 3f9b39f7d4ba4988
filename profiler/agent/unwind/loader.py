"""From a pid to tables that BPF walks by: mappings, the files behind them, their rows."""

import time
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from profiler.agent.unwind.elf import read_image
from profiler.agent.unwind.file_memory import FileMemory, KnownFile
from profiler.agent.unwind.kernel_mappings import KnownFiles
from profiler.agent.unwind.mapped_array import Entries
from profiler.agent.unwind.mappings import (
    FileKey,
    Mapping,
    bias_of,
    file_key,
    open_backing,
    read_mappings,
)
from profiler.agent.unwind.parse_queue import Parsed, ParseQueue
from profiler.agent.unwind.process_tables import MAPPING, ROWS_ABSENT, ROWS_PENDING, ProcessTables
from profiler.agent.unwind.row_store import RowStore, Run
from profiler.agent.unwind.rows_cache import RowsCache
from profiler.agent.unwind.sections import read_known_file
from profiler.agent.unwind.skips import Skips
from profiler.debuginfo.elf import ElfError

# A process that asks although nothing changed (JIT code, wild addresses) is asked less and less often.
FIRST_QUIET_NS = 20_000_000
LAST_QUIET_NS = 5_000_000_000
FULL_RETRY_S = 5.0
# Processes are loaded ahead of their first sample only while so much of the row array is free.
PRELOAD_FREE_SHARE = 0.25

_JIT = Run(0, 0)
_ABSENT = Run(ROWS_ABSENT, 0)
_PENDING = Run(ROWS_PENDING, 0)


class _Loaded(NamedTuple):
    mappings: list[Mapping]
    quiet_ns: int


class TableLoader:
    """Not thread-safe: the refresher's thread owns it. `skips` counts what was left out, by reason."""

    def __init__(
        self,
        processes: ProcessTables,
        store: RowStore,
        cache: RowsCache,
        queue: ParseQueue,
        known_files: KnownFiles | None,
        files: FileMemory,
    ) -> None:
        self._processes = processes
        self._known_files = known_files
        self._store = store
        self._cache = cache
        self._queue = queue
        self._files = files
        self._loaded: dict[int, _Loaded] = {}
        self._waiting: dict[str, set[int]] = {}
        self._hopeless: set[str] = set()
        self._starved: set[int] = set()
        self._held: set[str] = set()  # contents of the process being published: not yet in use, but not to be dropped
        self._sampled: int | None = None  # the process being published, if samples wait for it
        self._full_until = 0.0
        self.skips = Skips()

    def preload(self, pid: int) -> None:
        """Load a process that was not sampled yet, if there is ample room."""
        if pid not in self._loaded and self._store.free_share > PRELOAD_FREE_SHARE:
            self.load(pid, sampled=False)

    def remembered(self) -> list[tuple[FileKey, KnownFile]]:
        return self._files.newest_first()

    def preload_file(self, key: FileKey, file: KnownFile) -> None:
        """Make a file's rows known before a process shows up with it, if they are cached and there is ample room."""
        if not self._known_files or not file.content or self._store.free_share < PRELOAD_FREE_SHARE:
            return
        run = self._store.find(file.content)
        if run is None:
            rows = self._cache.get(file.content)
            run = self._store.place(file.content, rows) if rows is not None else None
        if run is not None and run.length:
            self._known_files.add(key, file.content, file.segments, run)

    def close(self) -> None:
        self._files.save()

    def load(self, pid: int, *, only_if_changed: bool = False, sampled: bool = True) -> bool:
        """Read a process's mappings and publish its tables; files that must be parsed first are pending until then.

        False when the process has ended.
        """
        try:
            found = read_mappings(pid)
        except OSError:
            self.forget(pid)
            return False
        before = self._loaded.get(pid)
        if only_if_changed and before is not None and before.mappings == found.mappings:
            quiet_ns = min(before.quiet_ns * 2, LAST_QUIET_NS)
            self._loaded[pid] = before._replace(quiet_ns=quiet_ns)
            self._processes.keep_quiet(pid, quiet_ns)
            return True
        if found.dropped:
            self.skips.add("mappings over the limit", pid, found.dropped)
        if found.mappings:
            self._publish(pid, found.mappings, sampled=sampled)
        return True

    def load_for_child(self, pid: int) -> None:
        """Its child was sampled and ended before it could be read: those that follow have the same memory."""
        if pid not in self._loaded or self.is_waiting(pid):
            self.load(pid)

    def forget(self, pid: int) -> None:
        self._loaded.pop(pid, None)

    def add_parsed(self, parsed: Iterable[Parsed]) -> None:
        """Take results of the queue; processes that waited for them get their tables."""
        waited: set[int] = set()
        for key, rows, skipped in parsed:
            for reason, amount in skipped.items():
                self.skips.add(reason, key, amount)
            if rows is None:
                self._hopeless.add(key)
            else:
                self._place(key, rows)
            waited |= self._waiting.pop(key, set())
        for pid in waited:
            self.load(pid)

    def retry_starved(self) -> None:
        """Load those again that found no room, in the queue or among the rows."""
        starved, self._starved = self._starved, set()
        for pid in starved:
            self.load(pid)

    def is_waiting(self, pid: int) -> bool:
        """Whether files of the process are still to be parsed."""
        return any(pid in pids for pids in self._waiting.values())

    def _publish(self, pid: int, mappings: list[Mapping], *, sampled: bool) -> None:
        records = np.zeros(len(mappings), dtype=MAPPING)
        contents = self._held = set()
        self._sampled = pid if sampled else None
        for i, mapping in enumerate(mappings):
            key, file = self._file(pid, mapping)
            bias = bias_of(mapping, file.segments) if file else None
            run = _ABSENT if mapping.inode else _JIT
            if key and file and file.content and bias is not None:
                run = self._rows_of(pid, mapping, file.content)
                contents.add(file.content)
                if run.length and self._known_files:
                    self._known_files.add(key, file.content, file.segments, run)
            records[i] = (mapping.start, mapping.end, (bias or 0) % 2**64, run.first, run.length)
        if self._processes.publish(pid, records, frozenset(contents), FIRST_QUIET_NS, sampled=sampled):
            self._loaded[pid] = _Loaded(mappings, FIRST_QUIET_NS)
        else:
            self.skips.add("no room for a process", pid)

    def _file(self, pid: int, mapping: Mapping) -> tuple[FileKey | None, KnownFile | None]:
        """Nothing for JIT code, and when the process has ended."""
        try:
            key = file_key(pid, mapping)
            if key is None:
                return None, None
            known = self._files.get(key)
            if known is None:
                known = self._read_file(pid, mapping, key)
                self._files.put(key, known)
        except OSError:
            return None, None
        return key, known

    def _read_file(self, pid: int, mapping: Mapping, key: FileKey) -> KnownFile:
        try:
            return read_known_file(pid, mapping)
        except ElfError as error:
            self.skips.add(str(error), key)
            return KnownFile((), None)

    def _rows_of(self, pid: int, mapping: Mapping, content: str) -> Run:
        run = self._store.find(content)
        if run is not None:
            return run
        if content in self._hopeless:
            return _ABSENT
        rows = self._cache.get(content)
        if rows is not None:
            return self._place(content, rows)
        if self._queue.knows(content, self._sampled) or self._enqueue(pid, mapping, content):
            self._waiting.setdefault(content, set()).add(pid)
        else:
            self._starved.add(pid)
        return _PENDING

    def _enqueue(self, pid: int, mapping: Mapping, content: str) -> bool:
        """False when it can't be parsed now."""
        try:
            backing = open_backing(pid, mapping)
        except OSError:
            return False
        place = read_image(backing.read_at).eh_frame
        if place is None:
            backing.close()
            return False
        return self._queue.add(content, place, backing, self._sampled)

    def _place(self, key: str, rows: Entries) -> Run:
        run = self._store.place(key, rows)
        if run is None and self._store.could_hold(rows) and time.monotonic() > self._full_until:
            run = self._make_room(key, rows)
        if run is None:
            self.skips.add("no room for rows", key)
            if self._sampled is not None and self._store.could_hold(rows):
                self._starved.add(self._sampled)
            return _PENDING
        return run

    def _make_room(self, key: str, rows: Entries) -> Run | None:
        """Costs the reading of all processes: when it was in vain it is not tried again for a while."""
        known = self._known_files
        for drop_idle in (False, True):
            if known and drop_idle:
                known.clear()
            self._processes.collect(drop_idle=drop_idle)
            in_use = self._processes.contents_in_use() | self._held | (known.contents() if known else set())
            self._store.release(len(rows), in_use)
            run = self._store.place(key, rows)
            if run is not None:
                return run
        self._full_until = time.monotonic() + FULL_RETRY_S
        return None
