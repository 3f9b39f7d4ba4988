"""Giving stacks that a day has not seen their dense ids."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from profiler.core.frame import Frame
from profiler.core.identity import Hashes, stack_hashes
from profiler.core.profile import Int64s
from profiler.store.dictionary import Columns
from profiler.store.hot import HotStacks, joined
from profiler.store.kinds import FRAMES, SCHEMAS

# Rows whose tries are looked at in one pass of numpy.
TOGETHER = 8


class Numbering:
    """Numbers of content and the dense ids they have, in order of the ids."""

    def __init__(self, known: Hashes) -> None:
        self._hash = known
        self._index()

    def __len__(self) -> int:
        return len(self._hash)

    def _index(self) -> None:
        self._order = np.argsort(self._hash, kind="stable")
        self._sorted = self._hash[self._order]

    def knows(self, wanted: Hashes) -> npt.NDArray[np.bool_]:
        if not len(self._sorted):
            return np.zeros(len(wanted), dtype=np.bool_)
        place = np.minimum(np.searchsorted(self._sorted, wanted), len(self._sorted) - 1)
        found: npt.NDArray[np.bool_] = self._sorted[place] == wanted
        return found

    def ids(self, wanted: Hashes) -> Int64s:
        """Of numbers that are all known."""
        return self._order[np.searchsorted(self._sorted, wanted)].astype(np.int64)

    def extend(self, new: Hashes) -> None:
        """Give these distinct, unknown ones the next ids."""
        self._hash = np.r_[self._hash, new]
        self._index()


@dataclass
class DayGrowth:
    """The frames of a day and what was added to its dictionaries."""

    frames: Numbering
    rows: list[tuple[int, int, Frame]] = field(default_factory=list)
    nodes: list[pa.Table] = field(default_factory=list)
    stacks: list[pa.Table] = field(default_factory=list)

    def frames_table(self) -> pa.Table:
        names = SCHEMAS[FRAMES].names
        rows = [dict(zip(names, (number, content, *frame), strict=True)) for number, content, frame in self.rows]
        return pa.Table.from_pylist(rows, schema=SCHEMAS[FRAMES])


def grow(day: DayGrowth, subject: int, known: Columns, rows: Sequence[HotStacks]) -> list[Int64s]:
    """The dense ids of each row's stacks (of its `node` column), after adding what was not known to the day."""
    node_hash = stack_hashes(known.parent, known.frame)
    stacks, nodes = Numbering(node_hash[known.leaf]), Numbering(node_hash)
    for first in range(0, len(rows), TOGETHER):
        # What the rows before brought is known: most rows of a new day bring little.
        unseen = [row for row in rows[first : first + TOGETHER] if not stacks.knows(row.stack).all()]
        if unseen:
            _add_frames(day, unseen)
            _add_nodes(day, subject, nodes, unseen)
            _add_stacks(day, subject, stacks, nodes, np.concatenate([row.stack for row in unseen]))
    return [stacks.ids(row.stack) for row in rows]


def _add_frames(day: DayGrowth, rows: Sequence[HotStacks]) -> None:
    for row in rows:
        unknown = np.flatnonzero(~day.frames.knows(row.frame_hash))
        if len(unknown):
            _, first = np.unique(row.frame_hash[unknown], return_index=True)
            unknown = unknown[np.sort(first)]
            base = len(day.frames)
            hashes = row.frame_hash[unknown]
            day.frames.extend(hashes)
            numbered = zip(range(base, base + len(unknown)), hashes.tolist(), unknown.tolist(), strict=True)
            day.rows += [(number, content, row.frames[i]) for number, content, i in numbered]


def _add_nodes(day: DayGrowth, subject: int, nodes: Numbering, rows: Sequence[HotStacks]) -> None:
    parent, frame, _, _ = joined(rows)
    stack = stack_hashes(parent, frame)
    distinct, first = np.unique(stack, return_index=True)
    # A node stands after its caller in its row, so in order of first appearance callers come first.
    new = np.sort(first[~nodes.knows(distinct)])
    if not len(new):
        return
    base = len(nodes)
    nodes.extend(stack[new])
    above = parent[new]
    callers = np.full(len(new), -1, dtype=np.int64)
    callers[above >= 0] = nodes.ids(stack[above[above >= 0]])
    columns = {
        "subject": np.full(len(new), subject),
        "node": np.arange(base, base + len(new)),
        "parent": callers,
        "frame": day.frames.ids(frame[new]),
    }
    day.nodes.append(pa.table(columns))


def _add_stacks(day: DayGrowth, subject: int, stacks: Numbering, nodes: Numbering, seen: Hashes) -> None:
    distinct, count = np.unique(seen, return_counts=True)
    # The most frequent first: in a profile's sorted ids they stand side by side, and differences of one take no bytes.
    distinct = distinct[np.argsort(-count, kind="stable")]
    new = distinct[~stacks.knows(distinct)]
    ids = np.arange(len(stacks), len(stacks) + len(new))
    day.stacks.append(pa.table({"subject": np.full(len(new), subject), "stack": ids, "node": nodes.ids(new)}))
    stacks.extend(new)
