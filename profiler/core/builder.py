"""The one way to make a profile from stacks: interns frames, threads and stacks, and adds values up."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from profiler.core.frame import Frame, Thread
from profiler.core.groups import CgroupLabels, ProcessLabels, fuller
from profiler.core.profile import Int32s, Profile, ProfileMeta, Stacks
from profiler.core.quality import Quality
from profiler.core.times import MAX_TIMES, Ints, TimesBuilder, tick_ns

ROOT = -1
TIMES_OVER_BOUND = f"sample times over MAX_TIMES ({MAX_TIMES:,})"


_HALF = 32


def _halves(pairs: Collection[int]) -> tuple[Int32s, Int32s]:
    """Of keys `first << _HALF | second`, both columns; the first may be ROOT."""
    column = np.fromiter(pairs, dtype=np.int64, count=len(pairs))
    return (column >> _HALF).astype(np.int32), (column & (1 << _HALF) - 1).astype(np.int32)


def over_bound(times: int) -> Quality:
    """What a profile says that keeps not all of its times."""
    return Quality(skipped={TIMES_OVER_BOUND: times})


class ProfileBuilder:
    """Mutable until `build`. Frames, threads and stack nodes are small integers of this builder.

    >>> b = ProfileBuilder(ProfileMeta())
    >>> main = b.child(ROOT, b.frame(Frame("main")))
    >>> b.add(b.child(main, b.frame(Frame("work"))), 3)
    >>> b.build().total
    3
    """

    def __init__(self, meta: ProfileMeta) -> None:
        self.meta = meta
        self._frames: dict[Frame, int] = {}
        self._threads: dict[Thread, int] = {}
        # Keys are pairs in one integer (_halves): a fifth less memory than tuples, and columns in a sixth of the time.
        self._nodes: dict[int, int] = {}
        self._values: dict[int, int] = {}
        self._cgroups: dict[str, CgroupLabels] = {}
        self._processes: dict[int, ProcessLabels] = {}
        self._times = TimesBuilder()

    @property
    def stack_count(self) -> int:
        return len(self._nodes)

    @property
    def frames(self) -> Sequence[Frame]:
        """By number."""
        return tuple(self._frames)

    @property
    def threads(self) -> Sequence[Thread]:
        """By number."""
        return tuple(self._threads)

    def frame(self, frame: Frame) -> int:
        return self._frames.setdefault(frame, len(self._frames))

    def thread(self, thread: Thread) -> int:
        return self._threads.setdefault(thread, len(self._threads))

    def cgroup_paths(self) -> set[str]:
        return {thread.cgroup for thread in self._threads}

    def label_cgroups(self, labels: Mapping[str, CgroupLabels]) -> None:
        """Say whose control groups are."""
        self._cgroups = fuller(self._cgroups, labels)

    def label_processes(self, labels: Mapping[int, ProcessLabels]) -> None:
        """Say what processes are, by pid."""
        self._processes = fuller(self._processes, labels)

    def child(self, parent: int, frame: int) -> int:
        """The node of `frame` called by the stack `parent` (ROOT for none)."""
        return self._nodes.setdefault(parent << _HALF | frame, len(self._nodes))

    def stack(self, frames_root_first: Iterable[int]) -> int:
        """The node of a whole stack, given as frame numbers."""
        nodes = self._nodes
        node = ROOT
        for frame in frames_root_first:
            node = nodes.setdefault(node << _HALF | frame, len(nodes))
        if node == ROOT:
            raise ValueError("a stack needs at least one frame; use a placeholder for an unreadable one")
        return node

    def add(self, node: int, value: int, thread: int | None = None) -> None:
        """Add `value` to a stack of a thread (the unknown thread when none is given)."""
        key = node << _HALF | (self.thread(Thread()) if thread is None else thread)
        self._values[key] = self._values.get(key, 0) + value

    def add_samples(self, profile: Profile, nodes: Sequence[int], threads: Sequence[int]) -> None:
        """Add another profile's samples and their times; `nodes` and `threads` say what its own are here."""
        columns = zip(profile.node.tolist(), profile.thread.tolist(), profile.value.tolist(), strict=True)
        for node, thread, value in columns:
            self.add(nodes[node], value, threads[thread])
        if len(times := profile.times):
            node_of, thread_of = np.array(nodes)[profile.node[times.row]], np.array(threads)[profile.thread[times.row]]
            self.add_times(node_of, thread_of, times.at_ns + tick_ns(profile.meta.start_ns), times.cpu)

    def add_times(self, node: Ints, thread: Ints, unix_ns: Ints, cpu: Ints | None = None) -> None:
        """Say when samples that were added were taken: stacks, threads, times and CPUs, in columns of one length."""
        self._times.add(node, thread, unix_ns, cpu)

    def build(self, quality: Quality | None = None, meta: ProfileMeta | None = None) -> Profile:
        """The profile so far. Without a quality: nothing lost, as many samples as the values say."""
        parent, frame = _halves(self._nodes)
        node, thread = _halves(self._values)
        value = np.fromiter(self._values.values(), dtype=np.int64, count=len(self._values))
        meta = replace(meta or self.meta)
        quality = quality if quality is not None else Quality(samples=int(value.sum()))
        if self._times.dropped:
            quality += over_bound(self._times.dropped)
        return Profile(
            meta=meta,
            frames=tuple(self._frames),
            stacks=Stacks(parent=parent, frame=frame),
            threads=tuple(self._threads),
            node=node,
            thread=thread,
            value=value,
            quality=quality,
            times=self._times.build(np.stack([node, thread], axis=1), meta.start_ns),
            cgroups=dict(self._cgroups),
            processes=dict(self._processes),
        ).check()
