"""Sections that wait to be parsed: those that most processes wait for and that are quick come first."""

import queue
import threading
from collections.abc import Callable
from typing import NamedTuple

from profiler.agent.unwind.elf import SectionPlace
from profiler.agent.unwind.mappings import Backing
from profiler.agent.unwind.rows import Rows
from profiler.agent.unwind.worker import ParsingWorker, WorkerError

# Files held open while they wait. What does not fit is offered again some seconds later.
MAX_WAITING = 512
# A worker without work is 16 MB of memory that nothing else uses; starting one takes 0.1 s of CPU.
IDLE_S = 1.0
# Files that no sample waits for are no part of a recording's start.
START_DELAY_S = 1.0


class Parsed(NamedTuple):
    """`rows` is None when the section could not be parsed."""

    key: str
    rows: Rows | None
    skipped: dict[str, int]


class _Job:
    """Waits with the file open: its process may be gone when its turn comes. The section is read then."""

    def __init__(self, place: SectionPlace, backing: Backing) -> None:
        self.place = place
        self.backing = backing
        self.asked_by: set[int] = set()

    @property
    def rank(self) -> tuple[bool, float]:
        """What samples wait for comes first; among those, the most waiting processes for the least work."""
        return bool(self.asked_by), max(1, len(self.asked_by)) / (1 + self.place.size)


class ParseQueue:
    """One thread feeds one worker process; `keep` and then `wake` are called in it after each result.

    After `close` the section at hand is still finished and kept: short recordings get to know large files, too.
    """

    def __init__(self, wake: Callable[[], None], keep: Callable[[str, Rows], None]) -> None:
        self._wake = wake
        self._keep = keep
        self._jobs: dict[str, _Job] = {}
        self._condition = threading.Condition()
        self._closed = False
        self._results: queue.SimpleQueue[Parsed] = queue.SimpleQueue()
        self._busy_with = ""
        self._worker = ParsingWorker()
        self._thread: threading.Thread | None = None

    def knows(self, key: str, pid: int | None) -> bool:
        """Whether a section waits already or is being parsed. `pid`: one more process is sampled and waits for it."""
        with self._condition:
            job = self._jobs.get(key)
            is_known = job is not None or key == self._busy_with
            if is_known and pid is not None:
                if job is not None:
                    job.asked_by.add(pid)
                    self._condition.notify()
                self._worker.hurry()
            return is_known

    def add(self, key: str, place: SectionPlace, backing: Backing, pid: int | None) -> bool:
        """Takes over `backing`, whatever the answer is: false when there is no room for it now."""
        with self._condition:
            if len(self._jobs) >= MAX_WAITING:
                backing.close()
                return False
            job = self._jobs[key] = _Job(place, backing)
            if pid is not None:
                job.asked_by.add(pid)
                self._worker.hurry()
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

    def _next(self) -> tuple[str, _Job] | None:
        with self._condition:
            self._busy_with = ""
            while not self._jobs and not self._closed:
                if not self._condition.wait(IDLE_S):
                    self._worker.close()
            if not self._worker.running and not self._is_awaited():
                self._condition.wait_for(lambda: self._closed or self._is_awaited(), START_DELAY_S)
            if self._closed:
                return None
            key = max(self._jobs, key=lambda name: self._jobs[name].rank)
            self._busy_with = key
            return key, self._jobs.pop(key)

    def _is_awaited(self) -> bool:
        return any(job.asked_by for job in self._jobs.values())

    def _run(self) -> None:
        try:
            while job := self._next():
                parsed = _parse(self._worker, *job)
                if parsed.rows is not None:
                    self._keep(parsed.key, parsed.rows)
                self._results.put(parsed)
                with self._condition:
                    if not self._closed:
                        self._wake()
        finally:
            self._worker.close()
            for waiting in self._jobs.values():
                waiting.backing.close()


def _parse(worker: ParsingWorker, key: str, job: _Job) -> Parsed:
    try:
        table = worker.parse(job.place, job.backing.read_at, urgent=bool(job.asked_by))
    except (WorkerError, OSError) as error:
        return Parsed(key, None, {str(error): 1})
    finally:
        job.backing.close()
    return Parsed(key, table.rows, table.skipped)
