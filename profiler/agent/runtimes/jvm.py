"""Java: names for compiled methods on demand, and which option is missing where stacks end early.

Without `-XX:+PreserveFramePointer` a compiled method leaves rbp as it found it, or uses it for something else. A step
by it then leads nowhere, or past all compiled callers to those of the last interpreted one: a stack that looks
whole and is not. Nothing outside of the innermost compiled method is believed there.
"""

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from profiler.agent.runtimes.base import MAX_PROCESSES, Process, Refined
from profiler.agent.runtimes.perf_map_dump import PerfMapDump, PerfMapDumpError, perf_map_path
from profiler.agent.sampling.events import StackEvent, WalkOutcome
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.symbols.process import ANONYMOUS
from profiler.core.frame import Frame, FrameKind

SETTING: Final = "WEBPROF_JAVA_PERF_MAP"
FRAME_POINTERS: Final = "-XX:+PreserveFramePointer"
CUT_HINT: Final = f"Java stacks end early in compiled methods: start the program with {FRAME_POINTERS}"
NAMES_HINT: Final = "Java methods have no names"
NAMED, UNNAMED, SHORT = "java: whole", "java: methods without names", "java: stack ends in compiled code"

_LIBRARY = "libjvm.so"
# What the machine has made without compiling a method: it has frame pointers whatever the options are.
_KEEPS_RBP = re.compile(r"Interpreter|StubRoutines.*|.* Runtime1 stub")


@dataclass
class _Machine:
    process: Process
    keeps_frame_pointers: bool
    dump: PerfMapDump | None = None
    waiting: bool = False
    failure: str = ""


class JvmRuntime:
    """Not thread-safe. `forget(pid)` makes the symbolizer look again at what had no name."""

    def __init__(self, table: FrameTable, forget: Callable[[int], None], *, may_ask: bool = True) -> None:
        self._table = table
        self._named: dict[int, int] = table.cache({})
        self._compiled: set[int] = table.cache(set())
        self._forget = forget
        self._refusal = "" if may_ask else "the flight recorder asks no program for them"
        if os.environ.get(SETTING) == "0":
            self._refusal = f"the agent may not ask for them ({SETTING}=0)"
        self._machines: dict[int, _Machine] = {}

    def adopt(self, process: Process) -> bool:
        known = self._machines.get(process.pid)
        if not process.maps_file(_LIBRARY):
            if known:
                self._drop(process.pid)
            return False
        if known is None or known.process.executable != process.executable:
            self._machines[process.pid] = _Machine(process, FRAME_POINTERS in process.options)
            if len(self._machines) > MAX_PROCESSES:
                self._drop(next(iter(self._machines)))
        return True

    def sampled(self, pid: int) -> None:
        machine = self._machines.get(pid)
        if machine is None or machine.dump or machine.failure or _has_perf_map(pid):
            return
        if self._refusal:
            machine.failure = self._refusal
            return
        try:
            machine.dump = PerfMapDump(pid, machine.process.executable)
            machine.waiting = True
        except PerfMapDumpError as error:
            machine.failure = str(error)

    def check(self) -> bool:
        for pid, machine in self._machines.items():
            if machine.dump and machine.waiting:
                try:
                    machine.waiting = not machine.dump.done()
                except PerfMapDumpError as error:
                    machine.waiting, machine.failure = False, str(error)
                if not machine.waiting:
                    machine.keeps_frame_pointers |= FRAME_POINTERS in machine.dump.flags
                    self._forget(pid)
        return False  # a perf map can wait

    def read(self) -> None: ...

    def refine(self, event: StackEvent, frames: Sequence[int]) -> Refined | None:
        machine = self._machines.get(event.task.tgid)
        if machine is None:
            return None
        named = [self._name(number) for number in frames]
        if not machine.keeps_frame_pointers:
            compiled = [place for place, number in enumerate(named) if number in self._compiled]
            if compiled:
                return Refined(named[compiled[-1] :], SHORT, CUT_HINT, ended=WalkOutcome.NO_TABLE)
        if self._table.number(ANONYMOUS) in frames:
            why = f"{NAMES_HINT}: {machine.failure}" if machine.failure else ""
            return Refined(named, UNNAMED, why)
        return Refined(named, NAMED if any(self._table[n].kind is FrameKind.JAVA for n in named) else "")

    def close(self) -> None:
        for pid in list(self._machines):
            self._drop(pid)

    def _name(self, number: int) -> int:
        named = self._named.get(number)
        if named is None:
            frame = _java(self._table[number])
            named = self._named[number] = self._table.number(frame)
            # Without a name it may be either: methods are compiled all the time.
            if frame == ANONYMOUS or (frame.kind is FrameKind.JAVA and not _KEEPS_RBP.fullmatch(frame.name)):
                self._compiled.add(named)
        return named

    def _drop(self, pid: int) -> None:
        machine = self._machines.pop(pid)
        if machine.dump:
            with suppress(OSError):  # went with its process
                machine.dump.remove()


def _has_perf_map(pid: int) -> bool:
    try:
        return perf_map_path(pid).exists()
    except OSError:  # gone
        return True


def _java(frame: Frame) -> Frame:
    return frame._replace(kind=FrameKind.JAVA) if frame.kind is FrameKind.JIT and frame != ANONYMOUS else frame
