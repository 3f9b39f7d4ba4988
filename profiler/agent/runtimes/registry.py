"""The language runtimes that a recording knows. A new one is a file with a class, and a line in `RUNTIMES`."""

import os
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from profiler.agent.runtimes.base import Maps, Process, Refined, Runtime, forget_oldest
from profiler.agent.runtimes.jvm import JvmRuntime
from profiler.agent.runtimes.node import NodeRuntime
from profiler.agent.runtimes.python import PythonRuntime
from profiler.agent.sampling.events import StackEvent
from profiler.agent.sampling.frame_table import FrameTable

# Programs and libraries that runtimes are known by, at the end of a record of a mapping. What starts one is looked at
# at once, so that it is read from its first samples on; others that hold a runtime are found when they are sampled.
RUNTIME_FILES: Final = re.compile(rb"/(?:(?:lib)?(?:python|node)[^/\0]*|libjvm\.so[^/\0]*)\0")
# Names of threads by process that were met; an exec changes the name. The ones met first are forgotten first.
MAX_SEEN = 16_384
# Sets of files that are no runtime's; at the bound they are looked at again.
MAX_PLAIN = 4096
# Before a whole system is sampled its processes are looked at, for at most this long: later ones when they are sampled.
MAX_ADOPTION_S = 0.5


Files = frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Context:
    """What runtimes may use. table: the frames whose numbers stacks consist of.

    forget(pid): symbols of the process that were not found are looked up again.
    files(pid): what tells the files apart that the process has mapped; empty when that is not known.
    may_ask: programs may be asked for something, which is work for them.
    """

    maps: Maps
    table: FrameTable
    forget: Callable[[int], None]
    files: Callable[[int], Files]
    may_ask: bool = True


RUNTIMES: Final[tuple[Callable[[Context], Runtime], ...]] = (
    lambda context: PythonRuntime(context.maps, context.table),
    lambda context: JvmRuntime(context.table, context.forget, may_ask=context.may_ask),
    lambda context: NodeRuntime(context.table),
)


class Runtimes:
    """All runtimes in one recording. Not thread-safe; the recording holds a lock."""

    def __init__(self, context: Context) -> None:
        self._runtimes = [make(context) for make in RUNTIMES]
        self._forget = context.forget
        self._files = context.files
        self._adopted: OrderedDict[int, None] = OrderedDict()
        # A shell starts the same few programs all day long: looking at one takes some tenths of a millisecond.
        self._plain: set[Files] = set()
        self._seen: OrderedDict[tuple[int, str], None] = OrderedDict()
        self._new: dict[int, None] = {}
        self._expected: set[int] = set()
        self.is_waiting = False  # whether `check` should be called again soon

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

    def expect(self, pids: Iterable[int]) -> None:
        """Processes that have just mapped a runtime, and will be sampled if they do anything."""
        self._expected.update(pids)

    def check(self) -> None:
        """Look at the processes that are expected, and that were new in the stacks, since the last time."""
        for pid in self._expected | self._new.keys():
            if self._adopt(pid, self._files(pid)):
                self._forget(pid)
            if pid in self._new:
                self._each_sampled(pid)
        self._expected.clear()
        self._new.clear()
        waiting = [runtime.check() for runtime in self._runtimes]
        self.is_waiting = any(waiting)

    def read(self) -> None:
        """To be called before each batch of stacks."""
        for runtime in self._runtimes:
            runtime.read()

    def refine(self, event: StackEvent, frames: Sequence[int]) -> Refined:
        """The user stack with the frames of the runtime that it belongs to."""
        for runtime in self._runtimes:
            refined = runtime.refine(event, frames)
            if refined is not None:
                return refined
        return Refined(frames)

    def close(self) -> None:
        for runtime in self._runtimes:
            runtime.close()

    def notice(self, pid: int, comm: str) -> None:
        """A thread of this name was sampled in its own code."""
        met = (pid, comm)
        if met not in self._seen:
            self._seen[met] = None
            self._new[pid] = None
            if len(self._seen) > MAX_SEEN:
                self._seen.popitem(last=False)

    def _adopt(self, pid: int, files: Files = frozenset()) -> bool:
        """Whether it is a runtime's, or may become one's. Without `files` it is looked at in any case."""
        if files in self._plain and pid not in self._adopted:
            return False
        try:
            process = Process.of(pid)
        except OSError:  # gone
            return False
        told = [runtime.adopt(process) for runtime in self._runtimes] if process.mappings else []
        if any(told):
            self._adopted[pid] = None
            forget_oldest(self._adopted)
        elif files and _are_of(files, process):
            if len(self._plain) >= MAX_PLAIN:
                self._plain.clear()
            self._plain.add(files)
        return any(told)

    def _each_sampled(self, pid: int) -> None:
        for runtime in self._runtimes:
            runtime.sampled(pid)


def _are_of(files: Files, process: Process) -> bool:
    """Whether the process has mapped these now: since they were told, it may have ended or called exec. Taken for plain
    then, a forked Python's files would hide every Python from there on.
    """
    return {inode for _, inode in files} == {mapping.inode for mapping in process.mappings if mapping.inode}
