"""The profile: stacks with values of one kind over a time range. Columnar, immutable, checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.core.errors import ProfileError
from profiler.core.frame import Frame, Thread
from profiler.core.groups import CgroupLabels, ProcessLabels, labels_of
from profiler.core.quality import Quality
from profiler.core.times import Times

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
SAMPLES, NANOSECONDS = "samples", "nanoseconds"


@dataclass(frozen=True)
class ProfileMeta:
    """Which profile it is. `id` is a UUIDv7 or empty, `start_ns` Unix time, 0 when unknown.

    `kind` is what was measured (`cpu`), `unit` the values' unit (`samples`, `nanoseconds`, `bytes`, `count`),
    `period_ns` the CPU time one sample stands for, 0 when that means nothing.
    """

    kind: str = "cpu"
    unit: str = "samples"
    id: str = ""
    host: str = ""
    probe: str = ""
    start_ns: int = 0
    duration_ns: int = 0
    period_ns: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stacks:
    """A trie of frames. Node i is the stack of its parent with `frame[i]` called by it; parent −1 is a root.

    `parent[i] < i`, so one forward pass sees parents first, one backward pass children first.
    """

    parent: Int32s
    frame: Int32s

    def __len__(self) -> int:
        return len(self.parent)

    def path(self, node: int) -> list[int]:
        """Frame indices of a stack, root first."""
        frames = []
        while node >= 0:
            frames.append(int(self.frame[node]))
            node = int(self.parent[node])
        return frames[::-1]


# What a column of 64 bits holds.
MAX_TOTAL = 2**63


@dataclass(frozen=True)
class Profile:
    """See docs/architecture.md. The three sample columns have one length; build one with `ProfileBuilder`.

    `cgroups` tells whose the threads' control groups are; a path that is not in it says so itself (`labels`).
    `processes` are known by pid where the agent asked them; those that ended before are not.
    `times` may have fewer entries than there are samples: a sample without a time is still a sample.
    """

    meta: ProfileMeta
    frames: Sequence[Frame]
    stacks: Stacks
    threads: Sequence[Thread]
    node: Int32s
    thread: Int32s
    value: Int64s
    quality: Quality = field(default_factory=Quality)
    cgroups: Mapping[str, CgroupLabels] = field(default_factory=dict)
    times: Times = field(default_factory=Times.none)
    processes: Mapping[int, ProcessLabels] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.node)

    def labels(self, thread: Thread) -> CgroupLabels:
        """Container and unit of a thread."""
        known = self.cgroups.get(thread.cgroup)
        return known if known is not None else labels_of(thread.cgroup)

    @property
    def total(self) -> int:
        return int(self.value.sum())

    def weighted(self, factor: int) -> "Profile":
        """The same samples, each standing for `factor` of those that were asked for."""
        if factor == 1:
            return self
        thinned = self.quality.thinned + (factor - 1) * self.quality.samples
        quality = replace(self.quality, thinned=thinned)
        return replace(self, value=self.value * factor, quality=quality, times=self.times.repeated(factor))

    def check(self) -> "Profile":
        """Return self, or raise ProfileError naming the first column that does not fit."""
        nodes = len(self.stacks)
        if len(self.stacks.frame) != nodes:
            raise ProfileError(f"stacks: {nodes} parents but {len(self.stacks.frame)} frames")
        if not len(self.node) == len(self.thread) == len(self.value):
            lengths = f"{len(self.node)}, {len(self.thread)}, {len(self.value)}"
            raise ProfileError(f"samples: columns node, thread, value differ in length: {lengths}")
        _check_range("stacks.frame", self.stacks.frame, 0, len(self.frames))
        _check_range("samples.node", self.node, 0, nodes)
        _check_range("samples.thread", self.thread, 0, len(self.threads))
        if nodes and ((self.stacks.parent >= np.arange(nodes, dtype=np.int32)).any() or self.stacks.parent.min() < -1):
            raise ProfileError("stacks.parent: a node must come after its parent, and a root's parent is -1")
        if len(self.value) and (self.value.min() < 0 or _reaches(self.value, MAX_TOTAL)):
            raise ProfileError(f"samples.value: a value is below 0, or all add up to MAX_TOTAL ({MAX_TOTAL}) or more")
        self.times.check(self.value, self.meta.unit)
        return self


def _reaches(values: Int64s, bound: int) -> bool:
    """Whether values of 0 or more add up to `bound`, which their type may not hold; floats are off by little."""
    return bool(values.sum(dtype=np.float64) >= bound / 2) and sum(values.tolist()) >= bound


def _check_range(column: str, values: npt.NDArray[Any], low: int, high: int) -> None:
    if len(values) and not (low <= values.min() and values.max() < high):
        worst = values.min() if values.min() < low else values.max()
        raise ProfileError(f"{column}: index {worst} is outside {low}..{high - 1}")
