"""CPython: tells BPF where a process keeps its frames, and puts them into the native stacks."""

import contextlib
import time
from collections import OrderedDict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from profiler.agent import bpf_syscall
from profiler.agent.btf import BtfError
from profiler.agent.events import PythonOutcome, StackEvent, WalkOutcome
from profiler.agent.ring import RingReader
from profiler.agent.runtimes.base import Maps, Process, Refined, forget_oldest
from profiler.agent.runtimes.merge import EVAL, is_eval, merge
from profiler.agent.runtimes.python_codes import RING_BYTES, PythonFunctions
from profiler.agent.runtimes.python_layout import LayoutError
from profiler.agent.runtimes.python_process import (
    Interpreter,
    InterpreterFinder,
    NotReadyError,
    PythonError,
)
from profiler.agent.runtimes.thread_pointer import fsbase_offset
from profiler.core.frame import Frame, FrameKind

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
# What Python 2 calls its loop.
EVAL_BEFORE_3_6 = "PyEval_EvalFrameEx"
_LOOPS = (EVAL, EVAL_BEFORE_3_6)

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

    def __init__(self, maps: Maps) -> None:
        self._processes_fd = maps.map_fd("pythons")
        self._ring = RingReader(maps.map_fd("python_names"), RING_BYTES)
        self._finder = InterpreterFinder()
        self._functions = PythonFunctions()
        self._starting: dict[int, tuple[Process, float]] = {}
        self._unreadable: OrderedDict[int, str] = OrderedDict()
        self._found_again: OrderedDict[int, float] = OrderedDict()

    def adopt(self, process: Process) -> None:
        self._starting.pop(process.pid, None)
        self._unreadable.pop(process.pid, None)
        self._try(process, time.monotonic() + START_TIMEOUT_S)

    def sampled(self, pid: int) -> None: ...

    def check(self) -> None:
        for pid, (process, deadline) in list(self._starting.items()):
            del self._starting[pid]
            if time.monotonic() < deadline:
                self._try(process, deadline)

    def refine(self, event: StackEvent, frames: list[Frame]) -> Refined | None:
        frames = [self._finder.with_loop(frame) if frame.offset else frame for frame in frames]
        if event.python_outcome is PythonOutcome.NONE:
            return self._without_functions(event.task.tgid, frames)
        self._functions.add(self._ring.drain())
        whole = event.python_outcome is PythonOutcome.END
        runs, unlinked = self._functions.runs(event.python, whole=whole)
        has_native = frames[0].kind is not FrameKind.PLACEHOLDER
        from_root = whole and has_native and event.outcome is WalkOutcome.END
        merged = merge(frames, runs, unlinked if from_root else (), from_root=from_root)
        if merged.unmatched or merged.left_native:
            return Refined(merged.frames, BETWEEN if merged.between else PARTLY)
        return Refined(merged.frames, MERGED if whole else CUT)

    def _without_functions(self, pid: int, frames: list[Frame]) -> Refined | None:
        """What to tell of a stack of which nothing of Python was read."""
        loops = [frame for frame in frames if frame.name.startswith(_LOOPS)]
        if not any(is_eval(frame) or frame.name == EVAL_BEFORE_3_6 for frame in loops):
            return None
        if reason := self._unreadable.get(pid):
            return Refined(frames, f"python: {reason}", f"{FUNCTIONS_HINT}: {reason}, {KNOWN_VERSIONS}")
        self._find_again(pid)
        return Refined(frames, NO_FRAMES)

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

    def _try(self, process: Process, deadline: float) -> None:
        try:
            interpreter = self._finder.find(process)
            if interpreter:
                self._register(process.pid, interpreter)
        except NotReadyError:
            self._starting[process.pid] = (process, deadline)
        except (PythonError, LayoutError, BtfError) as error:
            self._unreadable[process.pid] = str(error)
            forget_oldest(self._unreadable)
        except OSError:  # gone, or its memory is not there yet
            if process.mappings and Path(f"/proc/{process.pid}").exists():
                self._starting[process.pid] = (process, deadline)

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
