"""The language runtimes that a recording knows. A new one is a file with a class, and a line in `RUNTIMES`."""

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from profiler.agent.events import StackEvent
from profiler.agent.runtimes.base import Maps, Process, Refined, Runtime
from profiler.agent.runtimes.jvm import JvmRuntime
from profiler.agent.runtimes.node import NodeRuntime
from profiler.agent.runtimes.python import PythonRuntime
from profiler.core.frame import Frame

# Names of threads by process that were met; an exec changes the name. The ones met first are forgotten first.
MAX_SEEN = 16_384
# Before a whole system is sampled its processes are looked at, for at most this long: later ones when they are sampled.
MAX_ADOPTION_S = 0.5


@dataclass(frozen=True)
class Context:
    """What runtimes may use. forget(pid): symbols of the process that were not found are looked up again.

    may_ask: programs may be asked for something, which is work for them.
    """

    maps: Maps
    forget: Callable[[int], None]
    may_ask: bool = True


RUNTIMES: Final[tuple[Callable[[Context], Runtime], ...]] = (
    lambda context: PythonRuntime(context.maps),
    lambda context: JvmRuntime(context.forget, may_ask=context.may_ask),
    lambda context: NodeRuntime(),
)


class Runtimes:
    """All runtimes in one recording. Not thread-safe; the recording holds a lock."""

    def __init__(self, context: Context) -> None:
        self._runtimes = [make(context) for make in RUNTIMES]
        self._seen: OrderedDict[tuple[int, str], None] = OrderedDict()
        self._new: dict[int, None] = {}

    def adopt_targets(self, pids: Iterable[int]) -> None:
        """Get ready for processes that will be sampled for sure."""
        for pid in pids:
            self._adopt(pid)
            self._each_sampled(pid)

    def adopt_all(self) -> None:
        """Get ready for what runs on the host."""
        deadline = time.monotonic() + MAX_ADOPTION_S
        for entry in os.scandir("/proc"):
            if time.monotonic() > deadline:
                return
            if entry.name.isdecimal():
                self._adopt(int(entry.name))

    def check(self) -> None:
        """Look at the processes that were new in the stacks since the last time."""
        for pid in self._new:
            self._adopt(pid)
            self._each_sampled(pid)
        self._new.clear()
        for runtime in self._runtimes:
            runtime.check()

    def refine(self, event: StackEvent, frames: list[Frame]) -> Refined:
        """The stack with the frames of the runtime that it belongs to."""
        self._notice(event)
        for runtime in self._runtimes:
            refined = runtime.refine(event, frames)
            if refined is not None:
                return refined
        return Refined(frames)

    def close(self) -> None:
        for runtime in self._runtimes:
            runtime.close()

    def _notice(self, event: StackEvent) -> None:
        met = (event.task.tgid, event.task.comm)
        if event.user and met not in self._seen:
            self._seen[met] = None
            self._new[event.task.tgid] = None
            if len(self._seen) > MAX_SEEN:
                self._seen.popitem(last=False)

    def _adopt(self, pid: int) -> None:
        try:
            process = Process.of(pid)
        except OSError:  # gone
            return
        if process.mappings:
            for runtime in self._runtimes:
                runtime.adopt(process)

    def _each_sampled(self, pid: int) -> None:
        for runtime in self._runtimes:
            runtime.sampled(pid)
