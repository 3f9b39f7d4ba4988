"""One thread's stacks in the order of time, a flame chart: a frame is as long as it was in one sample after the other.

The result is a tree whose nodes do not follow each other without a gap: `start` says where each begins, in nanoseconds
after the recording's start. Where nothing was sampled the thread did not run, or nobody knows.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from profiler.core import wire
from profiler.core.errors import ProfileError
from profiler.core.frame import Frame, FrameKind
from profiler.core.lanes import lane_name
from profiler.core.profile import Int64s, Profile
from profiler.core.prune import parents
from profiler.core.tree import Tree

# A screen has 4,000 columns at most; more than this is a recording of which one looks at a part.
MAX_CHART_NODES = 300_000
# Timers are late by some of their period: a thread that was sampled again by then had not stopped.
LATE = 1.5
UNIT = "nanoseconds"


@dataclass
class Chart:
    """Nodes depth first, each with what follows it within; node 0 is the thread."""

    depth: list[int] = field(default_factory=list)
    frame: list[int] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    total: list[int] = field(default_factory=list)
    size: list[int] = field(default_factory=list)

    def begin(self, depth: int, frame: int, at_ns: int) -> int:
        if len(self.depth) == MAX_CHART_NODES:
            raise ProfileError(f"more than {MAX_CHART_NODES:,} frames one after the other: choose a part of the time")
        for column, value in zip(
            (self.depth, self.frame, self.start, self.total, self.size), (depth, frame, at_ns, 0, 0), strict=True
        ):
            column.append(value)
        return len(self.depth) - 1

    def end(self, node: int, at_ns: int) -> None:
        self.total[node] = at_ns - self.start[node]
        self.size[node] = len(self.depth) - node


def encode_chart(
    profile: Profile, lane: str, last_ns: int, from_ns: int | None = None, to_ns: int | None = None
) -> bytes:
    """The wire message of the thread of that name (`core/lanes.py`), with the section `start`; of its samples with
    from_ns ≤ time < to_ns, on the axis of all. Raises ProfileError.
    """
    threads = np.array([lane_name(thread, "thread") == lane for thread in profile.threads], dtype=bool)
    if not threads.any():
        raise ProfileError(f"no thread {lane[:100]!r} in this recording")
    chosen = threads[profile.thread[profile.times.row]]
    at_ns, row = profile.times.at_ns[chosen], profile.times.row[chosen].astype(np.int64)
    period_ns = profile.meta.period_ns or max(1, last_ns // max(1, len(np.unique(at_ns))))
    part = slice(*(None if edge is None else int(np.searchsorted(at_ns, edge)) for edge in (from_ns, to_ns)))
    chart = _chart(profile, at_ns[part], row[part], period_ns, last_ns)
    tree = _tree(profile, chart, lane)
    start = np.array(chart.start, dtype=np.int64)
    return wire.encode(tree, {"sparse": True}, sections={"start": start.astype("<u4" if last_ns < 2**32 else "<f8")})


def _chart(profile: Profile, at_ns: Int64s, row: Int64s, period_ns: int, last_ns: int) -> Chart:
    chart = Chart()
    root = chart.begin(0, len(profile.frames), 0)
    moments, first, weight = np.unique(np.maximum(at_ns, 0), return_index=True, return_counts=True)
    ends = _ends(moments, weight, period_ns)
    paths = _Paths(profile)
    open_nodes: list[tuple[int, int]] = []
    before = -1
    for begin, end, entry in zip(moments.tolist(), ends, profile.node[row[first]].tolist(), strict=True):
        path = paths.of(entry)
        shared = 0
        while begin == before and shared < min(len(path), len(open_nodes)) and open_nodes[shared][0] == path[shared]:
            shared += 1
        _close(chart, open_nodes, shared, before)
        for depth, node in enumerate(path[shared:], shared + 1):
            open_nodes.append((node, chart.begin(depth, int(profile.stacks.frame[node]), begin)))
        before = end
    _close(chart, open_nodes, 0, before)
    chart.end(root, max(last_ns + 1, before))
    return chart


def _close(chart: Chart, open_nodes: list[tuple[int, int]], left: int, at_ns: int) -> None:
    while len(open_nodes) > left:
        chart.end(open_nodes.pop()[1], at_ns)


def _ends(moments: Int64s, weight: Int64s, period_ns: int) -> list[int]:
    """Until the next sample if that came about when it was due, else for the time that a sample stands for."""
    nominal = weight * period_ns
    following = np.r_[moments[1:], np.iinfo(np.int64).max]
    gap = following - moments
    ends: list[int] = (moments + np.where(gap <= nominal * LATE, gap, nominal)).tolist()
    return ends


class _Paths:
    """From the root down, of nodes of the trie; each is walked once."""

    def __init__(self, profile: Profile) -> None:
        self._parent = profile.stacks.parent
        self._known: dict[int, list[int]] = {}

    def of(self, node: int) -> list[int]:
        if node not in self._known:
            path, at = [node], int(self._parent[node])
            while at >= 0:
                path.append(at)
                at = int(self._parent[at])
            self._known[node] = path[::-1]
        return self._known[node]


def _tree(profile: Profile, chart: Chart, lane: str) -> Tree:
    depth, frame, total, size = (
        np.array(column, dtype=np.int64) for column in (chart.depth, chart.frame, chart.total, chart.size)
    )
    own = total.copy()
    np.subtract.at(own, parents(depth)[1:], total[1:])
    meta = replace(profile.meta, unit=UNIT)
    frames = [*profile.frames, Frame(lane, FrameKind.PROCESS)]
    return Tree(meta, frames, depth, frame, own, total, size, quality=None)
