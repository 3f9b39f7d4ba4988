"""Node.js: what its perf map says, taken apart; and how to have one when there is none."""

import functools
import re
from collections import OrderedDict
from pathlib import PurePosixPath
from typing import Final

from profiler.agent.events import StackEvent
from profiler.agent.runtimes.base import Process, Refined, forget_oldest
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

    def __init__(self) -> None:
        self._pids: OrderedDict[int, bool] = OrderedDict()

    def adopt(self, process: Process) -> None:
        name = PurePosixPath(process.executable).name
        if name in _EXECUTABLES or any(_LIBRARY in mapping.name for mapping in process.mappings):
            self._pids[process.pid] = OPTION in process.options
            forget_oldest(self._pids)
        else:
            self._pids.pop(process.pid, None)

    def sampled(self, pid: int) -> None: ...

    def check(self) -> None: ...

    def refine(self, event: StackEvent, frames: list[Frame]) -> Refined | None:
        has_option = self._pids.get(event.task.tgid)
        if has_option is None:
            return None
        named = [_javascript(frame) if frame.kind is FrameKind.JIT else frame for frame in frames]
        if ANONYMOUS in frames:
            return Refined(named, UNNAMED, "" if has_option else HINT)
        return Refined(named, NAMED if any(frame.kind is FrameKind.JAVASCRIPT for frame in named) else "")

    def close(self) -> None: ...


@functools.lru_cache(maxsize=8192)
def _javascript(frame: Frame) -> Frame:
    """The same function compiled by several tiers is one function."""
    match = _FUNCTION.fullmatch(frame.name)
    if match is None:
        return frame
    file, line = match["file"], int(match["line"] or 0)
    module = PurePosixPath(file.removeprefix("file://")).name
    return Frame(match["name"] or NO_NAME, FrameKind.JAVASCRIPT, module, "", 0, file, line)
