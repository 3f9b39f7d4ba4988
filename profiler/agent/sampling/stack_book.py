"""Named stacks by their hash, and whose they are."""

from typing import NamedTuple

from profiler.agent.sampling.events import StackEvent
from profiler.agent.sampling.stack_namer import NamedStack
from profiler.core.frame import Thread


class SampledStack(NamedTuple):
    """`unknown_module` is the module of an innermost frame without a symbol, else empty."""

    stack: NamedStack
    thread: int
    unknown_module: str


class StackBook:
    """`stacks` are by their hash; `threads` are numbered, the unknown one first."""

    def __init__(self) -> None:
        self.stacks: dict[int, SampledStack] = {}
        self.forget_threads()

    def forget_threads(self) -> None:
        """No stack may have a number of one any more."""
        self.threads: dict[Thread, int] = {Thread(): 0}
        self._by_event: dict[tuple[object, ...], int] = {}

    def known_thread(self, event: StackEvent) -> int | None:
        return self._by_event.get(_owner(event))

    def add_thread(self, event: StackEvent, cgroup: str) -> int:
        tgid, tid, comm = event.task
        number = self.thread(Thread(tgid, tid, comm, cgroup))
        self._by_event[_owner(event)] = number
        return number

    def thread(self, thread: Thread) -> int:
        return self.threads.setdefault(thread, len(self.threads))

    def cgroup_paths(self) -> set[str]:
        return {thread.cgroup for thread in self.threads}


def _owner(event: StackEvent) -> tuple[object, ...]:
    """A thread that was met in the kernel only is met again in its own code."""
    return event.task, event.cgroup, event.cgroup_hierarchy, bool(event.user)
