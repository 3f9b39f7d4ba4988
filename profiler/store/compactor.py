"""From hot rows to segments: every kind of them at once, so that rollups always say the same as what they are of."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from profiler.core.range_cover import DAY_MS
from profiler.store.catalog import Catalog, HotRow, Segment, Snapshot
from profiler.store.dictionary import Dictionaries, of_kind
from profiler.store.growth import DayGrowth, Numbering, grow
from profiler.store.hot import unpack
from profiler.store.kinds import FRAMES, HEADERS, LOSSES, NODES, RAW, STACKS, TIERS, TIMES, Tier
from profiler.store.reading import FILES, Files, Missing
from profiler.store.rows import Numbered, header_table, loss_table, sample_table, time_tables
from profiler.store.sums import between
from profiler.store.twins import Triple, told_apart, triple

# One round's rows are in memory: 2,000 profiles of 1,500 stacks are 3 million rows, some 300 MB with their sorting.
ROUND = 2_000


@dataclass(frozen=True)
class Compacted:
    profiles: int
    rows: int
    segments: Sequence[Segment]


class Compactor:
    """Only one may commit: another at the same time is overtaken, and its files belong to nobody."""

    def __init__(self, catalog: Catalog, files: Files, dictionaries: Dictionaries) -> None:
        self._catalog, self._files, self._dictionaries = catalog, files, dictionaries

    def compact(self, limit: int = ROUND) -> Compacted:
        """Move up to `limit` hot rows, the oldest first. Raises OvertakenError; StoreError for a damaged dictionary."""
        snapshot = self._catalog.oldest_hot(limit)
        by_day: dict[int, list[HotRow]] = defaultdict(list)
        for row in snapshot.hot:
            by_day[row.ts_ms // DAY_MS].append(row)
        segments = [segment for day, rows in by_day.items() for segment in self._day(snapshot, day, rows)]
        if snapshot.hot:
            hot = [row.id for row in snapshot.hot]
            self._files.commit(self._catalog, snapshot.generation, add=segments, hot=hot)
        written = sum(segment.rows for segment in segments if segment.kind == RAW.kind)
        return Compacted(len(snapshot.hot), written, segments)

    def _day(self, snapshot: Snapshot, day: int, rows: list[HotRow]) -> list[Segment]:
        rows = told_apart(rows, self._taken(snapshot, day, rows), self._catalog.twin)
        rows.sort(key=triple)
        growth, numbered = self._numbered(snapshot, day, rows)
        samples = sample_table(numbered)
        tables = {HEADERS: header_table(rows), LOSSES: loss_table(numbered), FRAMES: growth.frames_table()}
        if growth.nodes:
            tables[NODES] = pa.concat_tables(growth.nodes)
        if growth.stacks:
            tables[STACKS] = pa.concat_tables(growth.stacks)
        for tier in TIERS:
            tables[tier.kind] = samples if tier is RAW else self._rolled_up(tier, samples)
        written = [self._files.write(kind, day, 0, [table]) for kind, table in tables.items()]
        written.append(self._files.write(TIMES, day, 0, time_tables(numbered)))
        return [segment for segment in written if segment is not None]

    def _taken(self, snapshot: Snapshot, day: int, rows: Sequence[HotRow]) -> set[Triple]:
        """The names of compacted profiles that began with one of these. What can't be read has no say."""
        first, last = min(row.ts_ms for row in rows), max(row.ts_ms for row in rows)
        headers = between(of_kind(snapshot.segments, HEADERS, day), first, last + 1)
        sql = f"SELECT subject, ts, series FROM read_parquet({FILES}) SEMI JOIN began USING (subject, ts)"  # noqa: S608
        began = pa.table({"subject": [row.subject for row in rows], "ts": [row.ts_ms for row in rows]})
        found = self._files.ask(headers, sql, [], Missing(), began=began)
        if found is None:
            return set()
        return set(zip(*(found[name].tolist() for name in ("subject", "ts", "series")), strict=True))

    def _numbered(self, snapshot: Snapshot, day: int, rows: Sequence[HotRow]) -> tuple[DayGrowth, list[Numbered]]:
        """The growth of the day's dictionary, and the rows with the ids of their stacks."""
        damaged = Missing()
        growth = DayGrowth(Numbering(self._dictionaries.numbers(snapshot.segments, day, damaged)))
        numbered: list[Numbered] = []
        for subject in sorted({row.subject for row in rows}):
            mine = [row for row in rows if row.subject == subject]
            stacks = [unpack(row.data) for row in mine]
            known = self._dictionaries.columns(snapshot.segments, day, subject, damaged)
            # Ids that were given before must not be given again.
            names = min(damaged.paths, default="")
            damaged.check(f"dictionary segment {names} is damaged: `manage.py store check --repair`")
            numbered += map(Numbered.of, mine, stacks, grow(growth, subject, known, stacks))
        return growth, numbered

    def _rolled_up(self, tier: Tier, samples: pa.Table) -> pa.Table:
        columns = ", ".join(f"ts - ts % {tier.step_ms} AS ts" if name == "ts" else name for name in tier.columns)
        sql = f"SELECT {columns}, sum(value)::BIGINT AS value FROM samples GROUP BY ALL"  # noqa: S608 our own names
        return self._files.engine.table(f"{sql} ORDER BY {', '.join(tier.columns)}", samples=samples)
