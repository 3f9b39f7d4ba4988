"""Keeps the tables of all sampled processes fresh: a thread that serves the BPF program's requests."""

import contextlib
import os
import select
import struct
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from profiler.agent.kernel.ring import RingReader
from profiler.agent.unwind.loader import TableLoader
from profiler.agent.unwind.parse_queue import ParseQueue
from profiler.agent.unwind.process_tables import ProcessTables

# How often the hash of processes is looked at, which the kernel's exit events keep small in between, and how often
# those that found no room are tried again.
COLLECT_INTERVAL_S = 5.0
# How long a recording of chosen processes waits for their files to be parsed before it starts.
MAX_WAIT_FOR_PARSING_S = 10.0
# A recording starts within a second, however many processes there are: the others are loaded when they are sampled.
MAX_LOOK_S = 0.3
MAX_PRELOADED = 4096
# A process that has just started waits for its tables, on a host where everybody waits. It is little work.
_NICE = -10

# struct unwind_request
_REQUEST = struct.Struct("<III")
_MAPPING_REQUEST = 1


class Refresher:
    """Owns the loader from `start` on. `load_first`: processes to load before `start` returns; without them everything
    that may be sampled is loaded soon after. Closing stops the thread.
    """

    def __init__(self, loader: TableLoader, processes: ProcessTables, requests_fd: int, requests_size: int) -> None:
        self._loader = loader
        self._processes = processes
        self._ring = RingReader(requests_fd, requests_size)
        self._wake_fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._poll = select.poll()
        self._poll.register(requests_fd, select.POLLIN)
        self._poll.register(self._wake_fd, select.POLLIN)
        self._queue: ParseQueue | None = None
        self._ended = False
        self._first: tuple[int, ...] = ()
        self._preload: list[Callable[[], None]] = []
        self._first_loaded = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webprof-unwind", daemon=True)
        self.failure: Exception | None = None

    def use_queue(self, queue: ParseQueue) -> None:
        self._queue = queue

    def wake(self) -> None:
        """May be called from any thread."""
        os.eventfd_write(self._wake_fd, 1)

    def start(self, load_first: Iterable[int], *, new_processes: bool = False) -> None:
        self._first = tuple(load_first)
        if not self._first:
            self._preload = self._all_that_may_be_sampled()
        elif new_processes:
            self._preload = self._files_that_may_be_mapped()
        self._thread.start()
        if self._first:
            self._first_loaded.wait(MAX_WAIT_FOR_PARSING_S)

    def close(self) -> None:
        self._ended = True
        self.wake()
        if self._thread.ident is not None:
            self._thread.join()
        if self._queue is not None:
            self._queue.close()
        self._loader.close()
        self._ring.close()
        os.close(self._wake_fd)

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # not root
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        try:
            for pid in self._first:
                self._loader.load(pid)
            self._serve()
        except Exception as error:  # a thread has nobody to raise to; the recording asks
            self.failure = error
            self._first_loaded.set()

    def _serve(self) -> None:
        collected = time.monotonic()
        while not self._ended:
            self._serve_requests()
            if self._queue is not None:
                self._loader.add_parsed(self._queue.results())
            if not any(self._loader.is_waiting(pid) for pid in self._first):
                self._first_loaded.set()
            if time.monotonic() - collected > COLLECT_INTERVAL_S:
                self._processes.collect_when_full()
                self._loader.retry_starved()
                collected = time.monotonic()
            if not self._preload:
                self._wait()
            else:
                self._preload.pop()()

    def _all_that_may_be_sampled(self) -> list[Callable[[], None]]:
        """Last comes first: processes, the busiest first, then files of processes that may start."""
        processes = [partial(self._loader.preload, pid) for pid in processes_by_cpu_time()]
        return [*self._files_that_may_be_mapped(), *processes]

    def _files_that_may_be_mapped(self) -> list[Callable[[], None]]:
        return [partial(self._loader.preload_file, key, file) for key, file in reversed(self._loader.remembered())]

    def _serve_requests(self) -> None:
        """Newest kinds win: a process that was replaced must be read again, whatever else was asked."""
        wanted: dict[int, bool] = {}
        memory_of: dict[int, int] = {}
        for record in self._ring.drain():
            pid, kind, memory_of[pid] = _REQUEST.unpack(record)
            wanted[pid] = wanted.get(pid, True) and kind == _MAPPING_REQUEST
        for pid, only_if_changed in wanted.items():
            found = self._loader.load(pid, only_if_changed=only_if_changed)
            if not found and memory_of[pid]:
                self._loader.load_for_child(memory_of[pid])

    def _wait(self) -> None:
        self._poll.poll(COLLECT_INTERVAL_S * 1000)
        try:
            os.eventfd_read(self._wake_fd)
        except BlockingIOError:
            return


def processes_by_cpu_time() -> list[int]:
    """Processes with user memory; the one that has used most CPU time is last, where `preload` starts.

    On a host with very many, MAX_PRELOADED of those that could be looked at in MAX_LOOK_S.
    """
    found = []
    deadline = time.monotonic() + MAX_LOOK_S
    for entry in os.scandir("/proc"):
        if time.monotonic() > deadline:
            break
        if entry.name.isdecimal():
            try:
                fields = Path(entry.path, "stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue
            if int(fields[20]):  # vsize: kernel threads have none
                found.append((int(fields[11]) + int(fields[12]), int(entry.name)))
    return [pid for _, pid in sorted(found)[-MAX_PRELOADED:]]
