"""Stacks of a histogram's examples, by the numbers that its program gave them. Its side is bpf/example_stacks.h."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.btf import Btf
from profiler.agent.kernel.ring import RingReader
from profiler.agent.probes.shared_walk import Walk
from profiler.agent.sampling.filters import CONFIG
from profiler.core.histogram_stacks import EXAMPLES
from profiler.core.profile import Profile, ProfileMeta

# `enum no_stack`, in words. The first is of programs that take none: their declarations say why.
NO_STACK = (
    "",
    "the host was still reading its programs' unwind tables",
    "too many began at once: a CPU walks 100 stacks a second of those that it can't know to be slow",
    "no room in the ring of stacks",
    "the thread had just begun",
    "this kernel does not tell when a thread is back on a CPU; Linux 6.15 does",
)
LOST = NO_STACK[3]
# A tracepoint that only raw ones can use.
BACK_HOOK = "sched_exit_tp"
# A second's stacks: 320 at the most, and 100 of each CPU where they are taken before their event ends.
RING_BYTES = 512 << 10
# Of events that have begun and not ended, as records: some megabytes. The oldest are forgotten first.
MAX_WAITING = 4096
_NUMBER = slice(0, 8)  # the first word of `struct stack_event`
MapFd = Callable[[str], int]


@dataclass(frozen=True)
class Taken:
    """`nodes`: of examples, in their order; None without a stack, for which `why` has the reason."""

    nodes: list[int | None]
    why: list[str]
    profile: Profile | None = None


@dataclass
class NoStacks:
    """Where none are taken, and why; empty: the probe's declaration says it."""

    why: str = ""

    def follow(self) -> None:
        """There is nobody to tell."""

    def take(self, numbers: Sequence[int]) -> Taken:
        return Taken([None] * len(numbers), [self.why] * len(numbers))

    def close(self) -> None:
        """Nothing was opened."""


@dataclass
class ExampleStacks:
    """Of one loaded program."""

    map_fd: MapFd
    walk: Walk
    meta: ProfileMeta
    _following: bool = False
    _waiting: OrderedDict[int, bytes] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self._ring = RingReader(self.map_fd("stacks"), RING_BYTES)

    def take(self, numbers: Sequence[int]) -> Taken:
        """Examples were read before: their stacks had been sent when they were."""
        self.follow()
        for records in self._ring.drain_all():
            self._waiting.update((int.from_bytes(record[_NUMBER], "little"), record) for record in records)
        found = {number: record for number in numbers if (record := self._waiting.pop(number, None))}
        while len(self._waiting) > MAX_WAITING:
            self._waiting.popitem(last=False)
        nodes, profile = self._named(found)
        why = ["" if number in nodes else _why(number) for number in numbers]
        return Taken([nodes.get(number) for number in numbers], why, profile)

    def _named(self, found: dict[int, bytes]) -> tuple[dict[int, int], Profile | None]:
        if not found:
            return {}, None
        nodes, profile = self.walk.profile(list(found.values()), self.meta)
        return dict(zip(found, nodes, strict=True)), profile

    def follow(self) -> None:
        """The program takes stacks when what is on the host is known."""
        if not self._following and self.walk.ready:
            self._following = True
            config = np.zeros(1, dtype=CONFIG)
            config["following"] = True
            bpf_syscall.map_update(self.map_fd("config"), np.zeros(1, dtype=np.uint32), config)

    def close(self) -> None:
        self._ring.close()


def example_switches() -> set[str]:
    """Macros of bpf/example_stacks.h."""
    has_hook = Btf.of_running_kernel().has_name(f"btf_trace_{BACK_HOOK}")
    return {"EXAMPLE_STACKS", "WALK_SHARED"} | ({"BACK_ON_CPU"} if has_hook else set())


def example_meta(host: str, probe: str) -> ProfileMeta:
    return ProfileMeta(kind=probe, unit=EXAMPLES, host=host, probe=probe, period_ns=0)


def _why(number: int) -> str:
    return NO_STACK[number] if number < len(NO_STACK) else LOST
