"""Learns what is mapped on this host while nothing is recorded, so that also the first recording has whole stacks.

What it learns is what recordings share: rows on disk, and which file has which. Files are learned once; a round that
finds nothing new reads `/proc/PID/maps` and is over.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from profiler.agent.unwind.elf import read_image
from profiler.agent.unwind.file_memory import FileMemory, KnownFile
from profiler.agent.unwind.mappings import Mapping, file_key, open_backing, read_mappings
from profiler.agent.unwind.refresher import processes_by_cpu_time
from profiler.agent.unwind.rows_cache import RowsCache
from profiler.agent.unwind.sections import read_known_file
from profiler.agent.unwind.worker import ParsingWorker, WorkerError
from profiler.debuginfo.elf import ElfError

logger = logging.getLogger(__name__)

# Programs that were started since the last round are few; reading the maps of 100 processes takes 10 ms.
ROUND_INTERVAL_S = 60.0
# A parsed section that is done while the agent stops is kept; it must not hold up the agent's end for longer.
END_S = 1.0
# How soon a recording gets the worker's memory.
BUSY_LOOK_S = 0.25


class Learned(NamedTuple):
    """What a round found: files that were not known, and rows that were made of them."""

    files: int = 0
    rows: int = 0


class WarmUp:
    """A thread, from `start` to `stop`. While `busy` says so it learns nothing: the recording does, and needs the CPU.

    The worker only runs when a CPU would idle otherwise (SCHED_IDLE), unless another is given.
    """

    def __init__(self, cache_directory: Path, busy: Callable[[], bool], worker: ParsingWorker | None = None) -> None:
        self._directory = cache_directory
        self._busy = busy
        self._cache = RowsCache(cache_directory)
        self._hopeless: set[str] = set()
        self._ended = threading.Event()
        self._worker = worker or ParsingWorker(idle=True)
        self._thread = threading.Thread(target=self._run, name="webprof-warm-up", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(END_S)

    def learn(self) -> Learned:
        """One round over all processes, the busiest first; ends early when a recording begins."""
        files = FileMemory(self._directory)  # as the last recording left it
        learned = Learned()
        for pid, mapping in self._mappings():
            if self._busy() or self._ended.is_set():
                break
            try:
                learned = self._learn(pid, mapping, files, learned)
            except OSError:  # the process has ended, or unmapped it
                continue
        self._worker.close()
        if learned.files and not self._busy():
            files.save()
        return learned

    def _run(self) -> None:
        while not self._ended.is_set():
            begun = time.monotonic()
            if not self._busy():
                learned = self.learn()
                if learned.files:
                    seconds = time.monotonic() - begun
                    logger.info("learned to unwind %d files, %d rows, in %.1f s", *learned, seconds)
            self._ended.wait(ROUND_INTERVAL_S)

    def _mappings(self) -> Iterator[tuple[int, Mapping]]:
        for pid in reversed(processes_by_cpu_time()):
            try:
                found = read_mappings(pid).mappings
            except OSError:
                continue
            yield from ((pid, mapping) for mapping in found)

    def _learn(self, pid: int, mapping: Mapping, files: FileMemory, learned: Learned) -> Learned:
        key = file_key(pid, mapping)
        if key is None:
            return learned
        known = files.get(key)
        if known is None:
            try:
                known = read_known_file(pid, mapping)
            except ElfError:  # a recording counts it when it meets it
                known = KnownFile((), None)
            files.put(key, known)
            learned = learned._replace(files=learned.files + 1)
        content = known.content
        if content is None or content in self._hopeless or self._cache.has(content):
            return learned
        return learned._replace(rows=learned.rows + self._parse(pid, mapping, content))

    @contextlib.contextmanager
    def _ended_by_recording(self) -> Iterator[None]:
        """The worker's memory is a recording's to use, and on a busy host an idle worker would keep it for long."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(BUSY_LOOK_S):
                if self._busy():
                    self._worker.kill()

        watcher = threading.Thread(target=watch, name="webprof-warm-up-watch", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _parse(self, pid: int, mapping: Mapping, content: str) -> int:
        backing = open_backing(pid, mapping)
        try:
            place = read_image(backing.read_at).eh_frame
            with self._ended_by_recording():
                table = self._worker.parse(place, backing.read_at) if place else None
        except WorkerError as error:
            if self._busy():  # another round will
                return 0
            logger.warning("can't learn to unwind %s: %s", mapping.name, error)
            table = None
        finally:
            backing.close()
        if table is None:
            self._hopeless.add(content)
            return 0
        self._cache.put(content, table.rows)
        return len(table.rows)
