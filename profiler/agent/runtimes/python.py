"""CPython: tells BPF where a process keeps its frames, and puts them into the native stacks."""

import contextlib
import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.btf import BtfError
from profiler.agent.kernel.ring import RingReader
from profiler.agent.runtimes.base import Maps, Process, Refined, forget_oldest
from profiler.agent.runtimes.merge import merge
from profiler.agent.runtimes.python_codes import RING_BYTES, PythonFunctions
from profiler.agent.runtimes.python_layout import LayoutError
from profiler.agent.runtimes.python_loops import PythonLoops
from profiler.agent.runtimes.python_process import (
    Interpreter,
    InterpreterFinder,
    NotReadyError,
    PythonError,
)
from profiler.agent.runtimes.thread_pointer import fsbase_offset
from profiler.agent.sampling.events import PythonOutcome, StackEvent, WalkOutcome
from profiler.agent.sampling.frame_table import FrameTable

# An interpreter that has not started after this long will not: something else exports its name.
START_TIMEOUT_S = 30.0
# A process that shows native frames of the interpreter, but is not known, is looked at this often: an exec of the same
# program can't be told otherwise.
FIND_AGAIN_S = 1.0
MERGED = "python: whole"
CUT = "python: outermost functions are missing"
BETWEEN = "python: entering or leaving a function"
PARTLY = "python: a run of the interpreter stayed native"
NO_FRAMES = "python: no frames"
FUNCTIONS_HINT, KNOWN_VERSIONS = "Python functions are not shown", "3.8 to 3.14 are"

# Twin of struct python_process.
_FIELDS = ("holder", "frame", "code", "previous", "entry", "frame_bytes", "file", "name", "line", "code_bytes")
_TEXT_FIELDS = ("length", "state", "ascii", "wide")
_STACK_FIELDS = ("stack_top", "owner", "size", "size_more")
_PROCESS = np.dtype(
    [("fsbase", "<u4"), ("thread_state", "<u4"), *((name, "<u2") for name in _FIELDS)]
    + [(f"text_{name}", "<u2") for name in _TEXT_FIELDS]
    + [(name, "<u2") for name in _STACK_FIELDS]
    + [("size_words", "u1"), ("grouping", "u1"), ("unused", "<u2")]
)


class PythonRuntime:
    """Not thread-safe; the recording holds a lock."""

    def __init__(self, maps: Maps, table: FrameTable) -> None:
        self._processes_fd = maps.map_fd("pythons")
        self._ring = RingReader(maps.map_fd("python_names"), RING_BYTES)
        self._finder = InterpreterFinder()
        self._functions = PythonFunctions(table)
        self._loops = PythonLoops(table, self._finder)
        self._starting: dict[int, tuple[Process, float]] = {}
        self._unreadable: OrderedDict[int, str] = OrderedDict()
        self._found_again: OrderedDict[int, float] = OrderedDict()

    def adopt(self, process: Process) -> bool:
        self._starting.pop(process.pid, None)
        self._unreadable.pop(process.pid, None)
        return self._try(process, time.monotonic() + START_TIMEOUT_S)

    def sampled(self, pid: int) -> None: ...

    def check(self) -> bool:
        for pid, (process, deadline) in list(self._starting.items()):
            del self._starting[pid]
            if time.monotonic() < deadline:
                self._try(process, deadline)
        return bool(self._starting)

    def read(self) -> None:
        self._functions.add(self._ring.drain())

    def refine(self, event: StackEvent, frames: Sequence[int]) -> Refined | None:
        frames, places = self._loops.find(frames)
        if event.python_outcome is PythonOutcome.NONE:
            is_python = places or self._loops.has_old(frames)
            return self._without_functions(event.task.tgid, frames) if is_python else None
        whole = event.python_outcome is PythonOutcome.END
        runs, unlinked, named = self._functions.runs(event.python, whole=whole)
        skip = int(self._loops.begins_cut(frames))
        from_root = whole and len(frames) > 0 and not skip and event.outcome is WalkOutcome.END
        merged = merge(frames, places, runs, unlinked if from_root else (), from_root=from_root, skip=skip)
        if merged.unmatched or merged.left_native:
            return Refined(merged.frames, BETWEEN if merged.between else PARTLY, lasting=named)
        return Refined(merged.frames, MERGED if whole else CUT, lasting=named)

    def _without_functions(self, pid: int, frames: Sequence[int]) -> Refined:
        """What to tell of a stack of an interpreter of which nothing of Python was read."""
        if reason := self._unreadable.get(pid):
            return Refined(frames, f"python: {reason}", f"{FUNCTIONS_HINT}: {reason}, {KNOWN_VERSIONS}", lasting=False)
        self._find_again(pid)
        return Refined(frames, NO_FRAMES, lasting=False)

    def close(self) -> None:
        self._ring.close()

    def _find_again(self, pid: int) -> None:
        now = time.monotonic()
        if pid in self._starting or now - self._found_again.get(pid, 0.0) < FIND_AGAIN_S:
            return
        self._found_again[pid] = now
        forget_oldest(self._found_again)
        with contextlib.suppress(OSError):  # gone
            self._starting[pid] = (Process.of(pid), now + START_TIMEOUT_S)

    def _try(self, process: Process, deadline: float) -> bool:
        """Whether it runs Python, or may soon."""
        try:
            interpreter = self._finder.find(process)
            if interpreter is None:
                return False
            self._register(process.pid, interpreter)
        except NotReadyError:
            self._starting[process.pid] = (process, deadline)
        except (PythonError, LayoutError, BtfError) as error:
            self._unreadable[process.pid] = str(error)
            forget_oldest(self._unreadable)
        except OSError:  # gone, or its memory is not there yet
            if process.mappings and Path(f"/proc/{process.pid}").exists():
                self._starting[process.pid] = (process, deadline)
        return True

    def _register(self, pid: int, interpreter: Interpreter) -> None:
        """Raises BtfError when this kernel does not tell where thread pointers are."""
        record = as_record(interpreter, fsbase_offset())
        try:
            bpf_syscall.map_update(self._processes_fd, np.array([pid], dtype=np.uint32), record)
        except OSError as error:
            raise PythonError("too many Python processes at once") from error


def as_record(interpreter: Interpreter, fsbase: int) -> npt.NDArray[np.void]:
    """A struct python_process. `fsbase`: where task_struct keeps a thread's thread pointer."""
    layout = interpreter.layout
    record = np.zeros(1, dtype=_PROCESS)
    record["fsbase"] = fsbase
    record["thread_state"] = interpreter.thread_state
    for name in (*_FIELDS, *_STACK_FIELDS, "size_words", "grouping"):
        record[name] = getattr(layout, name)
    for name in _TEXT_FIELDS:
        record[f"text_{name}"] = getattr(layout.text, name)
    return record
