"""What every language runtime offers to a recording."""

import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from profiler.agent.sampling.events import StackEvent, WalkOutcome
from profiler.agent.unwind.mappings import Mapping, read_mappings

MAX_ARGUMENTS_BYTES = 128 << 10
# Processes of one runtime that a recording remembers; those met first are forgotten first.
MAX_PROCESSES = 4096


@dataclass(frozen=True)
class Process:
    """A process as a runtime sees it. `mappings` are the executable ones; the other fields are read when asked for."""

    pid: int
    mappings: Sequence[Mapping]

    @classmethod
    def of(cls, pid: int) -> "Process":
        """Raises OSError when it is gone."""
        return cls(pid, read_mappings(pid).mappings)

    @cached_property
    def executable(self) -> str:
        try:
            return str(Path(f"/proc/{self.pid}/exe").readlink())
        except OSError:
            return ""

    @cached_property
    def options(self) -> str:
        """Its arguments and environment, where options of runtimes stand."""
        return " ".join(self._strings(name) for name in ("cmdline", "environ"))

    def maps_file(self, name: str) -> bool:
        return any(os.path.basename(mapping.name) == name for mapping in self.mappings)  # noqa: PTH119 (many)

    def _strings(self, name: str) -> str:
        try:
            with Path(f"/proc/{self.pid}/{name}").open("rb") as file:
                return file.read(MAX_ARGUMENTS_BYTES).replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""


class Refined(NamedTuple):
    """A stack after a runtime looked at it: numbers of frames, root first.

    outcome: how the runtime's frames were read, for the quality: `python: …`; empty when there is nothing to tell.
    hint: a sentence that says what would show more; empty when nothing would.
    lasting: the same stack of the same process gives the same, until the process is forgotten.
    ended: how the walk ended in truth, where the runtime knows that it was led astray; `frames` begin where it was.
    """

    frames: Sequence[int]
    outcome: str = ""
    hint: str = ""
    lasting: bool = True
    ended: WalkOutcome | None = None


class Runtime(Protocol):
    """One language runtime in one recording. Called from one thread at a time."""

    def adopt(self, process: Process) -> bool:
        """Look at a process that was not known yet, or that has other mappings than before. Whether it is, or may
        become, this runtime's: then nothing is remembered of its stacks from before.
        """

    def sampled(self, pid: int) -> None:
        """The process was sampled for the first time since it was adopted."""

    def check(self) -> bool:
        """What had to wait goes on. Called each second, and ten times as often while the answer says that a process
        waits to be read.
        """

    def read(self) -> None:
        """Called before each batch of stacks: what the program sent beside them."""

    def refine(self, event: StackEvent, frames: Sequence[int]) -> Refined | None:
        """A user stack with this runtime's frames; None when it is not this runtime's."""

    def close(self) -> None: ...


def forget_oldest(met: OrderedDict[Any, Any]) -> None:
    """Keep what is remembered by process within MAX_PROCESSES."""
    while len(met) > MAX_PROCESSES:
        met.popitem(last=False)


class Maps(Protocol):
    """The loaded program's maps."""

    def map_fd(self, name: str) -> int: ...
