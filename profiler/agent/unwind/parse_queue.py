"""Sections that wait to be parsed: those that most processes wait for and that are quick come first."""

import queue
import threading
from collections.abc import Callable
from typing import NamedTuple

from profiler.agent.unwind.elf import Section
from profiler.agent.unwind.rows import Rows
from profiler.agent.unwind.worker import ParsingWorker, WorkerError

# Sections held while they wait. What does not fit is offered again when the queue has run empty.
MAX_WAITING_BYTES = 64 << 20


class Parsed(NamedTuple):
    """`rows` is None when the section could not be parsed."""

    key: str
    rows: Rows | None
    skipped: dict[str, int]


class _Job:
    def __init__(self, section: Section) -> None:
        self.section = section
        self.asked_by: set[int] = set()


class ParseQueue:
    """One thread feeds one worker process; `wake` is called in it after each result."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._jobs: dict[str, _Job] = {}
        self._waiting_bytes = 0
        self._condition = threading.Condition()
        self._closed = False
        self._results: queue.SimpleQueue[Parsed] = queue.SimpleQueue()
        self._busy_with = ""
        self._thread: threading.Thread | None = None

    def add(self, key: str, section: Section, pid: int) -> bool:
        """False when there is no room for it now."""
        with self._condition:
            if key == self._busy_with:
                return True
            job = self._jobs.get(key)
            if job is None:
                if self._waiting_bytes + len(section.data) > MAX_WAITING_BYTES and self._jobs:
                    return False
                job = self._jobs[key] = _Job(section)
                self._waiting_bytes += len(section.data)
            job.asked_by.add(pid)
            self._condition.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="webprof-unwind-parse", daemon=True)
            self._thread.start()
        return True

    def results(self) -> list[Parsed]:
        """What was finished since the last call."""
        found = []
        while not self._results.empty():
            found.append(self._results.get())
        return found

    @property
    def idle(self) -> bool:
        with self._condition:
            return not self._jobs and not self._busy_with and self._results.empty()

    def close(self) -> None:
        with self._condition:
            self._closed = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join()

    def _next(self) -> tuple[str, Section] | None:
        with self._condition:
            self._busy_with = ""
            while not self._jobs and not self._closed:
                self._condition.wait()
            if self._closed:
                return None
            jobs = self._jobs
            key = max(jobs, key=lambda name: len(jobs[name].asked_by) / (1 + len(jobs[name].section.data)))
            self._busy_with = key
            section = jobs.pop(key).section
            self._waiting_bytes -= len(section.data)
            return key, section

    def _run(self) -> None:
        worker = ParsingWorker()
        try:
            while job := self._next():
                key, section = job
                try:
                    table = worker.parse(section)
                    self._results.put(Parsed(key, table.rows, table.skipped))
                except WorkerError as error:
                    self._results.put(Parsed(key, None, {str(error): 1}))
                self._wake()
        finally:
            worker.close()
