"""What arrived of one epoch of the sampling program, and the profile that it becomes."""

from collections import Counter as Tally
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from profiler.agent.kernel.counts import Counts
from profiler.agent.sampling.events import LOST_CAUSES, SKIPPED_CAUSES, Counter, StackEvent
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.sample_times import SampleTimes
from profiler.agent.sampling.stack_namer import STACK_LOST, NamedStack
from profiler.core.builder import over_bound
from profiler.core.frame import Frame, Thread
from profiler.core.groups import CgroupLabels
from profiler.core.path_trie import FRAME, trie_of
from profiler.core.profile import Int32s, Int64s, Profile, ProfileMeta, Stacks
from profiler.core.quality import Quality
from profiler.core.times import TimesBuilder

TIMES_LATE = "times of samples, held back in the ring"


class SampledStack(NamedTuple):
    """`unknown_module` is the module of an innermost frame without a symbol, else empty."""

    stack: NamedStack
    thread: int
    unknown_module: str


class Epoch:
    """`stacks` are by their hash; `threads` are numbered, the unknown one first."""

    def __init__(self) -> None:
        self.stacks: dict[int, SampledStack] = {}
        self.threads: dict[Thread, int] = {Thread(): 0}
        self.times = SampleTimes()
        self._by_event: dict[tuple[object, ...], int] = {}

    def known_thread(self, event: StackEvent) -> int | None:
        return self._by_event.get(_owner(event))

    def add_thread(self, event: StackEvent, cgroup: str) -> int:
        tgid, tid, comm = event.task
        number = self.threads.setdefault(Thread(tgid, tid, comm, cgroup), len(self.threads))
        self._by_event[_owner(event)] = number
        return number

    def cgroup_paths(self) -> set[str]:
        return {thread.cgroup for thread in self.threads}

    def build(
        self,
        counts: Counts,
        table: FrameTable,
        meta: ProfileMeta,
        unix_offset_ns: int,
        bpf_ns: int,
        cgroups: dict[str, CgroupLabels],
    ) -> Profile:
        """`unix_offset_ns` is what Unix time is ahead of the monotonic clock."""
        lost = SampledStack(NamedStack(FRAME.type(table.number(STACK_LOST)).tobytes(), ""), 0, "")
        sampled = [self.stacks.get(key, lost) for key in counts.hashes.tolist()]
        stacks, frames, node = _stacks(sampled, table)
        thread = np.fromiter((each.thread for each in sampled), dtype=np.int32, count=len(sampled))
        used, thread = _numbered(thread)
        rows, value = _rows(node, thread, counts.counts.astype(np.int64))
        threads = tuple(self.threads)
        times = TimesBuilder()
        late = self.times.tell(times, counts.hashes, node, thread, unix_offset_ns)
        skipped = {cause: count for counter, cause in SKIPPED_CAUSES.items() if (count := counts.counters[counter])}
        quality = Quality(
            samples=counts.counters[Counter.SAMPLES],
            lost={cause: count for counter, cause in LOST_CAUSES.items() if (count := counts.counters[counter])},
            skipped=skipped | ({TIMES_LATE: late} if late else {}),
            bpf_ns=bpf_ns,
        )
        quality += _noted(sampled, counts.counts.tolist())
        if times.dropped:
            quality += over_bound(times.dropped)
        return Profile(
            meta=meta,
            frames=frames,
            stacks=stacks,
            threads=tuple(threads[number] for number in used),
            node=rows[:, 0].copy(),
            thread=rows[:, 1].copy(),
            value=value,
            quality=quality,
            times=times.build(rows, meta.start_ns),
            cgroups=cgroups,
        ).check()


def _owner(event: StackEvent) -> tuple[object, ...]:
    """A thread that was met in the kernel only is met again in its own code."""
    return event.task, event.cgroup, event.cgroup_hierarchy, bool(event.user)


def _stacks(sampled: Sequence[SampledStack], table: FrameTable) -> tuple[Stacks, tuple[Frame, ...], Int32s]:
    """The trie of what was sampled, the frames that occur in it, and the node of each."""
    numbers: dict[bytes, int] = {}
    path = [numbers.setdefault(each.stack.path, len(numbers)) for each in sampled]
    stacks, nodes = trie_of(list(numbers))
    used, frame = _numbered(stacks.frame)
    frames = tuple(table[number] for number in used)
    return Stacks(stacks.parent, frame), frames, nodes[np.array(path, dtype=np.int64)]


def _numbered(numbers: Int32s) -> tuple[list[int], Int32s]:
    """The numbers that occur, and the place of each among them."""
    used, place = np.unique(numbers, return_inverse=True)
    return used.tolist(), place.astype(np.int32)


def _rows(node: Int32s, thread: Int32s, count: Int64s) -> tuple[Int32s, Int64s]:
    """Each pair of a stack and a thread once, with its sum."""
    pairs, place = np.unique(node.astype(np.int64) << 32 | thread, return_inverse=True)
    value = np.zeros(len(pairs), dtype=np.int64)
    np.add.at(value, place, count)
    return np.column_stack([pairs >> 32, pairs & 0xFFFF_FFFF]).astype(np.int32), value


def _noted(sampled: Sequence[SampledStack], counts: Sequence[int]) -> Quality:
    """Samples by what was noted of their stacks; those that are not known have nothing."""
    outcomes, unknown, runtimes, hints = Tally[str](), Tally[str](), Tally[str](), Tally[str]()
    for (stack, _, unknown_module), count in zip(sampled, counts, strict=True):
        outcomes[stack.outcome] += count
        unknown[unknown_module] += count
        runtimes[stack.runtime_outcome] += count
        hints[stack.hint] += count
    for tally in (outcomes, unknown, runtimes, hints):
        tally.pop("", None)
    return Quality(outcomes=outcomes, unknown=unknown, runtimes=runtimes, hints=hints)
