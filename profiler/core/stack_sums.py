"""Sums by stack of a profile or of parts of it: for each a trie of just these stacks, without threads."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from profiler.core.frame import Frame
from profiler.core.identity import Hashes, frame_hashes, stack_hashes
from profiler.core.profile import Int32s, Int64s, Profile
from profiler.core.times import Times
from profiler.core.trie import AnyInts, levels


@dataclass(frozen=True)
class StackSums:
    """`parent` and `frame` (index into `frames`) by node, parents first; `value` of each of the nodes `node`.

    `times.row` is an index into `node`. `numbers`: those of content (identity.py) of `frames` and of the stacks of
    `node`, where they are known already.
    """

    frames: Sequence[Frame]
    parent: Int32s
    frame: Int32s
    node: Int32s
    value: Int64s
    times: Times = field(default_factory=Times.none)
    numbers: tuple[Hashes, Hashes] | None = None

    @property
    def total(self) -> int:
        return int(self.value.sum())


def stack_sums(profile: Profile) -> StackSums:
    """Of all samples. Stacks, and frames, that they do not need are left out."""
    return sums_apart(profile, np.zeros(len(profile), dtype=np.int64), 1)[0]


def sums_apart(profile: Profile, part: AnyInts, count: int) -> list[StackSums]:
    """Of each of `count` parts; `part` says which one each sample is of.

    All at once, level by level of the profile's trie: a host has dozens of services, and their stacks forty levels.
    """
    parent, size = profile.stacks.parent, max(len(profile.stacks), 1)
    by_level = list(levels(parent))
    numbers = frame_hashes(profile.frames)
    stacks = stack_hashes(parent, numbers[profile.stacks.frame], by_level)
    keys, row = np.unique(part * size + profile.node, return_inverse=True)
    values = np.zeros(len(keys), dtype=np.int64)
    np.add.at(values, row, profile.value)
    keys, values = keys[values != 0], values[values != 0]
    used = _Apart.of(_with_callers(parent, by_level, keys), size, count)
    valued = _Apart.of(keys, size, count)
    frames, frame = _frames_apart(profile, used, count)
    above = parent[used.plain]
    callers = np.where(above >= 0, used.places(used.part * size + above, used.part), -1).astype(np.int32)
    node = used.places(keys, valued.part).astype(np.int32)
    times = _times_apart(profile, part, valued, size)
    return [
        StackSums(
            [profile.frames[number] for number in frames.plain[frames.slices[i]].tolist()],
            callers[used.slices[i]],
            frame[used.slices[i]],
            node[valued.slices[i]],
            values[valued.slices[i]],
            times[i],
            (numbers[frames.plain[frames.slices[i]]], stacks[valued.plain[valued.slices[i]]]),
        )
        for i in range(count)
    ]


@dataclass(frozen=True)
class _Apart:
    """Sorted keys, each `part · size + plain`: what is of one part stands together, in `slices` of it."""

    key: Int64s
    part: Int64s
    plain: Int64s
    first: Int64s
    slices: Sequence[slice]

    @classmethod
    def of(cls, key: Int64s, size: int, count: int) -> "_Apart":
        ends = np.searchsorted(key, np.arange(count + 1) * size)
        return cls(key, key // size, key % size, ends[:-1], [slice(*pair) for pair in pairwise(ends.tolist())])

    def places(self, wanted: Int64s, part: Int64s) -> Int64s:
        """Where in their part's slice these keys stand; all are there, or may not be asked for."""
        found: Int64s = np.searchsorted(self.key, wanted) - self.first[part]
        return found


def _frames_apart(profile: Profile, used: _Apart, count: int) -> tuple[_Apart, Int32s]:
    """The frames of each part, and which of them each of its nodes has."""
    size = max(len(profile.frames), 1)
    keys, place = np.unique(used.part * size + profile.stacks.frame[used.plain], return_inverse=True)
    frames = _Apart.of(keys, size, count)
    return frames, (place - frames.first[used.part]).astype(np.int32)


def _with_callers(parent: Int32s, by_level: Sequence[Int64s], keys: Int64s) -> Int64s:
    """Keys (part · nodes + node) of nodes with all those above them in their part, ascending."""
    size = max(len(parent), 1)
    depth = np.zeros(len(parent), dtype=np.int64)
    for level, nodes in enumerate(by_level):
        depth[nodes] = level
    deepest = np.argsort(-depth[keys % size], kind="stable")
    ends = np.searchsorted(-depth[keys[deepest] % size], -np.arange(len(by_level) - 1, -2, -1), "left")
    here, found = keys[:0], [keys[:0]]
    for first, last in pairwise(ends.tolist()):
        # From the deepest level up: each node is met once in each part.
        here = np.unique(np.concatenate([here, keys[deepest[first:last]]]))
        found.append(here)
        above = parent[here % size]
        here = (here // size * size + above)[above >= 0]
    return np.sort(np.concatenate(found))


def _times_apart(profile: Profile, part: AnyInts, valued: _Apart, size: int) -> list[Times]:
    """Of samples whose stack has a value in the end; `row` is that stack's in its part."""
    count = len(valued.slices)
    if not len(profile.times):
        return [Times.none()] * count
    of_part = part[profile.times.row].astype(np.int64)
    wanted = of_part * size + profile.node[profile.times.row]
    place = np.searchsorted(valued.key, wanted)
    kept = np.flatnonzero(np.r_[valued.key, -1][place] == wanted)
    row = place[kept] - valued.first[of_part[kept]]
    order = np.lexsort((row, profile.times.at_ns[kept], of_part[kept]))
    kept, row = kept[order], row[order].astype(np.int32)
    ends = np.searchsorted(of_part[kept], np.arange(count + 1)).tolist()
    return [profile.times.taken(kept[a:b], row[a:b]) for a, b in pairwise(ends)]
