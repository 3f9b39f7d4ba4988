"""What a process and everything it started has cost so far, from the kernel's accounts."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class TreeCpu:
    """CPU seconds. `children`: all descendants, those that have ended and were waited for included."""

    own_user: float
    own_system: float
    children: float

    @property
    def total(self) -> float:
        return self.own_user + self.own_system + self.children

    def __sub__(self, before: "TreeCpu") -> "TreeCpu":
        return TreeCpu(
            self.own_user - before.own_user,
            self.own_system - before.own_system,
            self.children - before.children,
        )


def tree_cpu(pid: int, without: Container[int] = ()) -> TreeCpu:
    """`without`: descendants that don't count. Raises psutil.NoSuchProcess."""
    times = psutil.Process(pid).cpu_times()
    children = times.children_user + times.children_system
    for child in descendants(pid):
        if child.pid in without:
            continue
        try:
            live = child.cpu_times()
        except psutil.NoSuchProcess:  # it ended meanwhile; its parent's account has it with the next reading
            continue
        children += live.user + live.system + live.children_user + live.children_system
    return TreeCpu(times.user, times.system, children)


def descendants(pid: int) -> Iterator[psutil.Process]:
    yield from psutil.Process(pid).children(recursive=True)
