"""Adding profiles up. Commutative and associative in what they say; the order of columns follows the input."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from profiler.core.builder import over_bound
from profiler.core.errors import ProfileError
from profiler.core.frame import Frame, Thread
from profiler.core.groups import CgroupLabels, ProcessLabels, fuller
from profiler.core.profile import Int32s, Int64s, Profile, ProfileMeta, Stacks
from profiler.core.quality import Quality
from profiler.core.stack_union import joined
from profiler.core.times import MAX_TIMES, RESOLUTION_NS, Int16s, Times, tick_ns

# What is added waits until it is this much more than what was added up before, in nodes and rows: adding up sorts all.
_MAX_WAITING = 1 << 15


@dataclass(frozen=True)
class _Part:
    """Columns as in a profile, with the merger's numbers of frames and threads, and times in ticks since the epoch."""

    stacks: Stacks
    node: Int32s
    thread: Int32s
    value: Int64s
    row: Int32s
    tick: Int64s
    cpu: Int16s

    def __len__(self) -> int:
        return len(self.stacks) + len(self.node)


class Merger:
    """Sums profiles one by one; what a live view and a merge of many share."""

    def __init__(self, meta: ProfileMeta) -> None:
        self._meta = meta
        self._frames: dict[Frame, int] = {}
        self._threads: dict[Thread, int] = {}
        self._cgroups: dict[str, CgroupLabels] = {}
        self._processes: dict[int, ProcessLabels] = {}
        self._quality = Quality()
        self._parts: list[_Part] = []
        self._waiting = self._times = self._dropped_times = 0

    def add(self, profile: Profile) -> None:
        """Add a profile of the same kind and unit. Raises ProfileError when they differ."""
        mine, theirs = self._meta, profile.meta
        if (mine.kind, mine.unit) != (theirs.kind, theirs.unit):
            raise ProfileError(
                f"profile {theirs.id or '(no id)'}: {theirs.kind} in {theirs.unit} can't be added to "
                f"{mine.kind} in {mine.unit}"
            )
        part = self._part(profile)
        self._parts.append(part)
        self._waiting += len(part)
        self._cgroups = fuller(self._cgroups, profile.cgroups)
        self._processes = fuller(self._processes, profile.processes)
        self._quality += profile.quality
        if self._waiting > max(_MAX_WAITING, len(self._parts[0])):
            self._add_up()

    def build(self, meta: ProfileMeta | None = None) -> Profile:
        meta = replace(meta or self._meta)
        sums = self._add_up()
        at_ns = sums.tick * RESOLUTION_NS - tick_ns(meta.start_ns)
        return Profile(
            meta=meta,
            frames=tuple(self._frames),
            stacks=sums.stacks,
            threads=tuple(self._threads),
            node=sums.node,
            thread=sums.thread,
            value=sums.value,
            quality=self._quality + over_bound(self._dropped_times) if self._dropped_times else self._quality,
            times=Times.sorted(at_ns, sums.row, sums.cpu),
            cgroups=dict(self._cgroups),
            processes=dict(self._processes),
        ).check()

    def _part(self, profile: Profile) -> _Part:
        frames, threads = self._frames, self._threads
        frame = np.array([frames.setdefault(each, len(frames)) for each in profile.frames], dtype=np.int32)
        thread = np.array([threads.setdefault(each, len(threads)) for each in profile.threads], dtype=np.int32)
        kept = min(len(profile.times), MAX_TIMES - self._times)
        self._times += kept
        self._dropped_times += len(profile.times) - kept
        return _Part(
            stacks=Stacks(profile.stacks.parent, frame[profile.stacks.frame]),
            node=profile.node,
            thread=thread[profile.thread],
            value=profile.value,
            row=profile.times.row[:kept],
            tick=(profile.times.at_ns[:kept] + tick_ns(profile.meta.start_ns)) // RESOLUTION_NS,
            cpu=profile.times.cpu[:kept],
        )

    def _add_up(self) -> _Part:
        if len(self._parts) != 1 or self._waiting:
            self._parts = [_sum(self._parts)]
            self._waiting = 0
        return self._parts[0]


def merge(profiles: Iterable[Profile], meta: ProfileMeta) -> Profile:
    merger = Merger(meta)
    for profile in profiles:
        merger.add(profile)
    return merger.build()


def _sum(parts: list[_Part]) -> _Part:
    """Each stack once, and each pair of a stack and a thread."""
    parent, frame, node, thread, value, row, tick, cpu = (np.zeros(0, dtype=np.int32),) * 8
    if parts:
        parent = _behind_each_other([part.stacks.parent for part in parts], [len(part.stacks) for part in parts])
        node = _behind_each_other([part.node for part in parts], [len(part.stacks) for part in parts])
        row = _behind_each_other([part.row for part in parts], [len(part.node) for part in parts])
        frame = np.concatenate([part.stacks.frame for part in parts])
        thread = np.concatenate([part.thread for part in parts])
    stacks, joint = joined(parent, frame)
    pairs, first, place = np.unique(joint[node].astype(np.int64) << 32 | thread, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    place = rank[place]
    sums = np.zeros(len(pairs), dtype=np.int64)
    np.add.at(sums, place, np.concatenate([value.astype(np.int64), *(part.value for part in parts)]))
    pairs = pairs[order]
    return _Part(
        stacks=stacks,
        node=(pairs >> 32).astype(np.int32),
        thread=(pairs & 0xFFFF_FFFF).astype(np.int32),
        value=sums,
        row=place[row].astype(np.int32),
        tick=np.concatenate([tick.astype(np.int64), *(part.tick for part in parts)]),
        cpu=np.concatenate([cpu.astype(np.int16), *(part.cpu for part in parts)]),
    )


def _behind_each_other(columns: list[Int32s], lengths: list[int]) -> npt.NDArray[np.int32]:
    """Columns of places in tables of these lengths, in one table; -1 stays."""
    begins = np.cumsum([0, *lengths[:-1]])
    moved = [np.where(column < 0, column, column + begin) for column, begin in zip(columns, begins, strict=True)]
    return np.concatenate(moved).astype(np.int32)
