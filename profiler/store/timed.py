"""Samples by their own times, out of segments."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Protocol

import pyarrow as pa

from profiler.core.range_cover import DAY_MS
from profiler.store.catalog import Segment, Snapshot
from profiler.store.dictionary import of_kind
from profiler.store.engine import Columns
from profiler.store.kinds import HEADERS, TICKS_PER_MS, TIMES
from profiler.store.question import Chosen, Question
from profiler.store.reading import FILES, Files, Missing
from profiler.store.sums import Sums, between, key_table

# A profile's samples lie after its beginning: questions look at profiles that began up to so long before.
MAX_PROFILE_MS = DAY_MS


class TimedSamples(Protocol):
    """Of compacted profiles, within a question's range."""

    def stacks(self, group_of: Mapping[int, int]) -> Iterator[Sums]:
        """Samples by day, subject, group and stack."""

    def cells(self, column_ms: int, rows: int) -> Columns | None:
        """Columns col, part and n: how many in each part (of `rows`) of each column, which is so many ms wide."""

    def untimed(self) -> int:
        """Values without a time, of the profiles that overlap the range."""


def days_of(question: Question) -> tuple[int, int]:
    """First and last day of profiles that may have samples in the range."""
    return replace(question, begin_ms=max(0, question.begin_ms - MAX_PROFILE_MS)).days


class TimedSegments:
    """These of a snapshot that covers `days_of` the question."""

    def __init__(self, files: Files, snapshot: Snapshot, question: Question, chosen: Chosen, missing: Missing) -> None:
        self._files, self._snapshot, self._missing = files, snapshot, missing
        self._begin_ms, self._end_ms, self._series = question.begin_ms, question.end_ms, chosen.series
        self._ticks = question.begin_ms * TICKS_PER_MS, question.end_ms * TICKS_PER_MS

    def stacks(self, group_of: Mapping[int, int]) -> Iterator[Sums]:
        sql = (
            f"SELECT subject, grp, 0 AS bucket, stack, count(*) AS value FROM read_parquet({FILES}) "  # noqa: S608
            f"JOIN groups USING (series) WHERE tick >= ? AND tick < ? GROUP BY ALL"
        )
        groups = key_table("series", group_of)
        segments = self._segments()
        for day in sorted({segment.day for segment in segments}):
            found = self._files.ask(of_kind(segments, TIMES, day), sql, self._ticks, self._missing, groups=groups)
            if found is not None and len(found["stack"]):
                yield Sums(day, *(found[name] for name in ("subject", "grp", "bucket", "stack", "value")))

    def cells(self, column_ms: int, rows: int) -> Columns | None:
        begin, end = self._ticks
        width = column_ms * TICKS_PER_MS
        sql = (
            f"SELECT (tick - ?) // ? AS col, (tick - ?) % ? * ? // ? AS part, count(*) AS n "  # noqa: S608
            f"FROM read_parquet({FILES}) SEMI JOIN chosen USING (series) WHERE tick >= ? AND tick < ? GROUP BY ALL"
        )
        parameters = [begin, width, begin, width, rows, width, begin, end]
        return self._files.ask(self._segments(), sql, parameters, self._missing, chosen=self._chosen())

    def untimed(self) -> int:
        sql = (
            f"SELECT series, ts, total FROM read_parquet({FILES}) SEMI JOIN chosen USING (series) "  # noqa: S608
            f"WHERE ts < ? AND ts + duration_ms > ?"
        )
        headers = between(of_kind(self._snapshot.segments, HEADERS), self._begin_ms - MAX_PROFILE_MS, self._end_ms)
        parameters = [self._end_ms, self._begin_ms]
        profiles = self._files.ask(headers, sql, parameters, self._missing, chosen=self._chosen())
        untimed = 0
        if profiles is not None and len(profiles["ts"]):
            table = pa.table({name: profiles[name] for name in ("series", "ts")})
            sql = f"SELECT count(*) AS n FROM read_parquet({FILES}) SEMI JOIN profiles USING (series, ts)"  # noqa: S608
            timed = self._files.ask(self._segments(), sql, [], self._missing, profiles=table)
            untimed = int(profiles["total"].sum()) - (0 if timed is None else int(timed["n"].sum()))
        return untimed

    def _segments(self) -> list[Segment]:
        return between(of_kind(self._snapshot.segments, TIMES), self._begin_ms, self._end_ms)

    def _chosen(self) -> pa.Table:
        return key_table("series", dict.fromkeys(self._series, 0))
