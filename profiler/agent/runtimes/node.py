"""Node.js: what its perf map says, taken apart; and how to have one when there is none."""

import re
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from profiler.agent.runtimes.base import Process, Refined, forget_oldest
from profiler.agent.sampling.events import StackEvent, WalkOutcome
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.symbols.process import ANONYMOUS
from profiler.core.frame import Frame, FrameKind

OPTION: Final = "--perf-basic-prof"
HINT: Final = f"JavaScript functions have no names: start Node.js with {OPTION} (or NODE_OPTIONS={OPTION})"
NAMED, UNNAMED = "javascript: whole", "javascript: functions without names"

_EXECUTABLES = ("node", "nodejs")
_LIBRARY = "libnode.so"
# V8's kinds of code that come from the program, how far it is optimised, the function, and where it stands.
_FUNCTION = re.compile(
    r"(?:JS|Eval|Script|Function|LazyCompile):(?P<tier>[~^+*]*)(?P<name>\S*) (?P<file>.+?)(?::(?P<line>\d+):\d+)?"
)
NO_NAME: Final = "(anonymous)"


class NodeRuntime:
    """Not thread-safe."""

    def __init__(self, table: FrameTable) -> None:
        self._table = table
        self._named: dict[int, int] = table.cache({})
        self._pids: OrderedDict[int, bool] = OrderedDict()

    def adopt(self, process: Process) -> bool:
        name = PurePosixPath(process.executable).name
        if name in _EXECUTABLES or any(_LIBRARY in mapping.name for mapping in process.mappings):
            self._pids[process.pid] = OPTION in process.options
            forget_oldest(self._pids)
            return True
        self._pids.pop(process.pid, None)
        return False

    def sampled(self, pid: int) -> None: ...

    def check(self) -> bool:
        return False

    def read(self) -> None: ...

    def refine(self, event: StackEvent, frames: Sequence[int]) -> Refined | None:
        has_option = self._pids.get(event.task.tgid)
        if has_option is None:
            return None
        table = self._table
        named = [self._name(number) for number in frames]
        # What V8 has compiled ahead lies in the program, has no unwind rows, and keeps frame pointers.
        ended = WalkOutcome.END if event.outcome is WalkOutcome.GUESSED else None
        if table.number(ANONYMOUS) in frames:
            return Refined(named, UNNAMED, "" if has_option else HINT, ended=ended)
        is_named = any(table[number].kind is FrameKind.JAVASCRIPT for number in named)
        return Refined(named, NAMED if is_named else "", ended=ended)

    def close(self) -> None: ...

    def _name(self, number: int) -> int:
        named = self._named.get(number)
        if named is None:
            named = self._named[number] = self._table.number(_javascript(self._table[number]))
        return named


def _javascript(frame: Frame) -> Frame:
    """The same function compiled by several tiers is one function."""
    if frame.kind is not FrameKind.JIT:
        return frame
    match = _FUNCTION.fullmatch(frame.name)
    if match is None:
        return frame
    file, line = match["file"], int(match["line"] or 0)
    module = PurePosixPath(file.removeprefix("file://")).name
    return Frame(match["name"] or NO_NAME, FrameKind.JAVASCRIPT, module, "", 0, file, line)
