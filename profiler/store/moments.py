"""Samples by their own times, not by when their profile began: for a second of yesterday, and for heat maps."""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from profiler.core.forest import Part, head_frame
from profiler.core.frame import Frame
from profiler.core.heatmap import MAX_CELLS, MAX_ROWS
from profiler.core.identity import frame_hash
from profiler.core.select import UNTIMED
from profiler.core.stack_trie import StackTrie
from profiler.store.answers import Weighable
from profiler.store.catalog import HotRow, Snapshot
from profiler.store.errors import StoreError
from profiler.store.hot import HotStacks, joined, unpack
from profiler.store.hot_answers import heads
from profiler.store.kinds import TICKS_PER_MS
from profiler.store.losses import SAMPLES, SKIPPED, VALUE, Told
from profiler.store.question import Chosen, Groups, Question
from profiler.store.sums import Sums
from profiler.store.timed import TimedSamples

Cells = npt.NDArray[np.int64]


class Moments:
    """Questions to the samples with times, compacted ones and those of a snapshot's hot rows."""

    def __init__(self, timed: TimedSamples, snapshot: Snapshot, question: Question, chosen: Chosen) -> None:
        self._timed, self._snapshot = timed, snapshot
        self._begin_ms, self._end_ms, self._series = question.begin_ms, question.end_ms, chosen.series
        self._ticks = question.begin_ms * TICKS_PER_MS, question.end_ms * TICKS_PER_MS

    def stacks(self, group_of: Mapping[int, int]) -> Iterator[Sums]:
        """Samples of the range by day, subject, group and stack."""
        return self._timed.stacks(group_of)

    def cells(self, column_ms: int, rows: int) -> Cells:
        """`[row, column]`: samples of the range, from its beginning in columns of so many milliseconds."""
        begin, end = self._ticks
        width = column_ms * TICKS_PER_MS
        columns = -(-(end - begin) // width)
        counts = np.zeros((rows, columns), dtype=np.int64)
        found = self._timed.cells(column_ms, rows)
        if found is not None:
            np.add.at(counts, (found["part"], found["col"]), found["n"])
        for _, stacks, inside in self.hot():
            column, within = np.divmod(stacks.at[inside] - begin, width)
            np.add.at(counts, (within * rows // width, column), 1)
        return counts

    def hot_parts(self, groups: Groups) -> tuple[list[Weighable], dict[int, Frame]]:
        """One part per hot row with samples in the range, and the frames."""
        names = groups.names
        frames = {frame_hash(head): head for head in (head_frame(name) for name in names if name)}
        parts = []
        for row, stacks, inside in self.hot():
            parent, frame, leaf, _ = joined([stacks])
            trie = StackTrie.build(parent, frame, leaf)
            value = np.bincount(stacks.row[inside], minlength=len(leaf))
            group = groups.of_series[row.series]
            part = Part.of(trie, trie.own(np.arange(len(leaf)), value), heads(names[group]), repeated=True)
            parts.append((int(groups.weight[group]), part))
            frames |= dict(zip(stacks.frame_hash.tolist(), stacks.frames, strict=True))
        return parts, frames

    def told(self, total: int) -> list[Told]:
        """Losses are known of whole profiles only: what is left is how many samples beside these have no time."""
        return [Told(VALUE, "", total), Told(SAMPLES, "", total), Told(SKIPPED, UNTIMED, self.untimed())]

    def hot(self) -> Iterator[tuple[HotRow, HotStacks, npt.NDArray[np.bool_]]]:
        """Hot rows with samples in the range, and which of their times these are."""
        for row in self._snapshot.hot:
            if row.series in self._series and row.ts_ms < self._end_ms:
                stacks = unpack(row.data)
                inside = (stacks.at >= self._ticks[0]) & (stacks.at < self._ticks[1])
                if inside.any():
                    yield row, stacks, inside

    def untimed(self) -> int:
        """Values without a time, of the profiles that overlap the range."""
        untimed = self._timed.untimed()
        for row in self._snapshot.hot:
            if row.series in self._series and row.ts_ms < self._end_ms and row.ts_ms + row.duration_ms > self._begin_ms:
                untimed += row.total - len(unpack(row.data).at)
        return max(untimed, 0)


def check_cells(question: Question, rows: int, column_ms: int) -> None:
    """Raises StoreError for a heat map that can't be drawn."""
    question.check()
    if not 1 <= rows <= MAX_ROWS or column_ms * TICKS_PER_MS < rows:
        raise StoreError(f"heat map: {rows} rows in {column_ms} ms; 1 to MAX_ROWS ({MAX_ROWS}), each 50 µs at least")
    columns = -(-(question.end_ms - question.begin_ms) // column_ms)
    if columns * rows > MAX_CELLS:
        raise StoreError(f"heat map: {columns} columns of {rows} rows are over MAX_CELLS ({MAX_CELLS}): ask for less")
