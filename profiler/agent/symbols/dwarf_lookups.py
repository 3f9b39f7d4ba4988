"""Functions of addresses from debug information, found beside the recording: sampling never waits for DWARF."""

import threading
import time
from collections import Counter, OrderedDict
from typing import Protocol

from profiler.agent.cost import own_cost
from profiler.agent.symbols.debug_files import OpenDwarf
from profiler.debuginfo.function_index import FunctionIndex
from profiler.debuginfo.source_frame import SourceFrame
from profiler.debuginfo.worker import DwarfWorker, NoDebugInfoError, WorkerError

# Pieces of code that are kept, of all files together: 6 MB. The files asked about longest ago are forgotten first.
MAX_PIECES = 30_000
# Addresses that wait; a profile that has more new ones at once gets the others when it asks again.
MAX_WAITING = 20_000
# Addresses of one request: a large file is not in the way of others for long, and a time limit is fair.
BATCH = 100
# A worker without work is 16 MB of memory; starting one takes 0.1 s of CPU.
IDLE_S = 0.5
# Reading debug information is no part of a recording's start: it begins when there is more to read, or somebody waits.
START_DELAY_S = 1.0
# Programs come upon functions that were never seen as long as they run, ever fewer: they are gathered, and a worker for
# them is started the more rarely the longer this goes on, unless somebody waits. After a long pause all begins anew.
FIRST_REST_S, LAST_REST_S = 2.0, 30.0


class HasDebugInfo(Protocol):
    """`number` tells files apart."""

    name: str
    number: int
    dwarf: OpenDwarf | None


class DwarfLookups:
    """One thread with one worker process, for all recordings. Thread-safe."""

    def __init__(self, worker: DwarfWorker | None = None) -> None:
        self._worker = worker or DwarfWorker()
        self._condition = threading.Condition()
        self._known: OrderedDict[int, FunctionIndex] = OrderedDict()
        self._waiting: dict[int, tuple[HasDebugInfo, set[int]]] = {}
        self._hopeless: set[int] = set()
        self._busy = self._awaited = False
        self._thread: threading.Thread | None = None
        self._skipped: Counter[str] = Counter()
        self._worker_pid = 0
        self._rest_s, self._rests_until = FIRST_REST_S, 0.0

    def chain(self, file: HasDebugInfo, address: int) -> tuple[SourceFrame, ...]:
        """What is known by now, innermost first. What is not is looked up soon."""
        with self._condition:
            index = self._known.get(file.number)
            function = index.find(address) if index else None
            if function is not None:
                self._known.move_to_end(file.number)
                return function.frames_at(address)
            self._want(file, address, index)
        return ()

    def want(self, file: HasDebugInfo, address: int) -> None:
        """Look the address up soon."""
        with self._condition:
            self._want(file, address, self._known.get(file.number))

    def wait(self, seconds: float) -> bool:
        """Until everything is looked up; false when that takes longer."""
        with self._condition:
            self._awaited = True
            self._condition.notify_all()
            try:
                return self._condition.wait_for(lambda: not self._waiting and not self._busy, seconds)
            finally:
                self._awaited = False

    def take_skipped(self) -> dict[str, int]:
        """Files whose debug information could not be read since the last call, by reason."""
        with self._condition:
            skipped, self._skipped = self._skipped, Counter()
        return dict(skipped)

    def _want(self, file: HasDebugInfo, address: int, index: FunctionIndex | None) -> None:
        if file.dwarf is None or file.number in self._hopeless or (index and index.knows(address)):
            return
        waiting = self._waiting.setdefault(file.number, (file, set()))[1]
        if len(waiting) < MAX_WAITING:
            waiting.add(address)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="webprof-dwarf", daemon=True)
            self._thread.start()
        self._condition.notify_all()

    def _run(self) -> None:
        while job := self._next():
            file, addresses = job
            self._look_up(file, addresses)
            with self._condition:
                self._busy = False
                self._condition.notify_all()

    def _next(self) -> tuple[HasDebugInfo, list[int]] | None:
        """The file that most addresses wait for. None ends the thread: there was nothing for IDLE_S."""
        with self._condition:
            if not self._condition.wait_for(lambda: self._waiting, IDLE_S):
                self._thread = None
                self._rest()
                return None
            if own_cost.helpers().crowded and not self._awaited:
                self._rest()
            if not self._worker.pid:
                rest_s = self._rests_until - time.monotonic()
                self._condition.wait_for(lambda: self._awaited, max(START_DELAY_S, rest_s))
            file, waiting = max(self._waiting.values(), key=lambda each: len(each[1]))
            index = self._known.get(file.number)
            addresses: list[int] = []
            while waiting and len(addresses) < BATCH:
                address = waiting.pop()
                if not index or not index.knows(address):
                    addresses.append(address)
            if not waiting:
                del self._waiting[file.number]
            self._busy = True
            return file, addresses

    def _rest(self) -> None:
        if not self._worker.pid:
            return
        self._worker.close()
        now = time.monotonic()
        begins_anew = now - self._rests_until > 2 * LAST_REST_S
        self._rest_s = FIRST_REST_S if begins_anew else min(2 * self._rest_s, LAST_REST_S)
        self._rests_until = now + self._rest_s

    def _look_up(self, file: HasDebugInfo, addresses: list[int]) -> None:
        dwarf = file.dwarf  # kept open while it is held here
        if dwarf is None or not addresses:
            return
        try:
            functions = self._worker.functions_at(dwarf.descriptors, addresses)
        except (NoDebugInfoError, WorkerError) as error:
            with self._condition:
                self._skipped[f"debug information of {file.name}: {error}"] += 1
                self._hopeless.add(file.number)
                self._waiting.pop(file.number, None)
            return
        if self._worker.pid != self._worker_pid:
            self._worker_pid = self._worker.pid
            own_cost.helpers().add(self._worker_pid)
        with self._condition:
            index = self._known.setdefault(file.number, FunctionIndex())
            self._known.move_to_end(file.number)
            index.learn(addresses, functions)
            while sum(each.size for each in self._known.values()) > MAX_PIECES and len(self._known) > 1:
                self._known.popitem(last=False)
