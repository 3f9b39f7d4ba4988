"""Rows in the place of dictionary rows that were lost: ids that were given must never be given to something else."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from profiler.core.identity import frame_hash
from profiler.core.profile import Int64s
from profiler.store.catalog import Segment, Snapshot
from profiler.store.dictionary import LOST, of_kind
from profiler.store.kinds import FRAMES, NODES, STACKS, TIERS
from profiler.store.reading import FILES, Files, Missing


def fill_holes(files: Files, snapshot: Snapshot, day: int) -> list[Segment]:
    """Segments that make the day's dictionary whole again; what was lost is LOST in it."""
    ask = _Asker(files, snapshot)
    stacks, nodes = [], []
    for subject in ask.subjects():
        used = [ask.highest(tier.kind, "stack", subject) for tier in TIERS]
        holes = ask.holes(STACKS, "stack", subject, max(used))
        known = ask.highest(STACKS, "node", subject), ask.highest(NODES, "parent", subject)
        # One node more: where the stacks that were lost lead.
        lost_node = max(*known, ask.highest(NODES, "node", subject)) + 1
        gaps = ask.holes(NODES, "node", subject, lost_node)
        stacks.append(pa.table({"subject": [subject] * len(holes), "stack": holes, "node": [lost_node] * len(holes)}))
        nodes.append((subject, gaps))
    if not stacks:
        return []
    frames = ask.holes(FRAMES, "frame", None, ask.highest(NODES, "frame", None) + 1)
    lost_frame = int(frames[-1])
    tables = {STACKS: pa.concat_tables(stacks), NODES: _nodes(nodes, lost_frame), FRAMES: _frames(frames)}
    written = (files.write(kind, day, 1, [table]) for kind, table in tables.items())
    return [segment for segment in written if segment is not None]


def _nodes(gaps: Sequence[tuple[int, Int64s]], frame: int) -> pa.Table:
    rows = [(subject, node, -1, frame) for subject, missing in gaps for node in missing.tolist()]
    return pa.table({name: [row[i] for row in rows] for i, name in enumerate(("subject", "node", "parent", "frame"))})


def _frames(numbers: Int64s) -> pa.Table:
    content = frame_hash(LOST)
    names = ("name", "kind", "module", "build_id", "offset", "file", "line")
    columns = {name: [value] * len(numbers) for name, value in zip(names, LOST, strict=True)}
    hashes = pa.array([content] * len(numbers), pa.uint64())
    return pa.table({"frame": numbers, "hash": hashes, **columns})


class _Asker:
    """Small questions to the segments that are whole."""

    def __init__(self, files: Files, snapshot: Snapshot) -> None:
        self._files, self._snapshot = files, snapshot

    def subjects(self) -> list[int]:
        sql = f"SELECT DISTINCT subject FROM read_parquet({FILES})"  # noqa: S608 our own names
        kinds = (*(tier.kind for tier in TIERS), NODES, STACKS)
        return sorted({number for kind in kinds for number in self._column(kind, sql, "subject", []).tolist()})

    def highest(self, kind: str, column: str, subject: int | None) -> int:
        """−1 when there is no row."""
        return int(self._values(kind, column, subject).max(initial=-1))

    def holes(self, kind: str, column: str, subject: int | None, highest: int) -> Int64s:
        """Numbers from 0 to `highest` that no row has."""
        return np.setdiff1d(np.arange(highest + 1), self._values(kind, column, subject))

    def _values(self, kind: str, column: str, subject: int | None) -> Int64s:
        where = "" if subject is None else "WHERE subject = ?"
        sql = f"SELECT DISTINCT {column} FROM read_parquet({FILES}) {where}"  # noqa: S608
        return self._column(kind, sql, column, [] if subject is None else [subject])

    def _column(self, kind: str, sql: str, column: str, parameters: list[int]) -> Int64s:
        missing = Missing()
        found = self._files.ask(of_kind(self._snapshot.segments, kind), sql, parameters, missing)
        # A number that a segment has, but does not show, must not become a hole.
        missing.check(f"segment {min(missing.paths, default='')} can't be read any more: repair again")
        return np.zeros(0, dtype=np.int64) if found is None else found[column].astype(np.int64)
