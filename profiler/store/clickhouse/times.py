"""Samples by their own times, from the server."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from profiler.core.identity import Hashes
from profiler.core.profile import Int64s
from profiler.store.catalog import Snapshot
from profiler.store.clickhouse.connection import Connection
from profiler.store.clickhouse.dictionary import epochs
from profiler.store.engine import Columns
from profiler.store.kinds import HEADERS, TICKS_PER_MS, TIMES
from profiler.store.question import Chosen, Question
from profiler.store.sums import Sums
from profiler.store.timed import MAX_PROFILE_MS, days_of

Dense = Callable[[Int64s, Hashes, tuple[int, ...]], Int64s]


class ServerTimes:
    """`TimedSamples` of a question. `dense` gives the ids of stacks."""

    def __init__(
        self, connection: Connection, snapshot: Snapshot, question: Question, chosen: Chosen, dense: Dense
    ) -> None:
        self._connection, self._dense = connection, dense
        self._days = range(days_of(question)[0], days_of(question)[1] + 1)
        self._kinds = {segment.kind for segment in snapshot.segments}
        self._series = {"series": list(chosen.series)}
        self._begin = question.begin_ms * TICKS_PER_MS
        self._headers, self._times = (f"{connection.address.database}.{kind}" for kind in (HEADERS, TIMES))
        # By the profiles' times too: these say in which partitions the rows are.
        began = f"ts >= {question.begin_ms - MAX_PROFILE_MS} AND ts < {question.end_ms}"
        ours = f"series IN {{series:Array(Int32)}} AND {began}"
        self._within = f"{ours} AND tick >= {self._begin} AND tick < {question.end_ms * TICKS_PER_MS}"
        self._profiles = f"FROM {self._headers} WHERE {ours} AND ts + duration_ms > {question.begin_ms}"
        # Each server of a cluster has some of the profiles: all of them are told all.
        self._of_profiles = f"{ours} AND (series, ts) GLOBAL IN (SELECT series, ts {self._profiles})"

    def stacks(self, group_of: Mapping[int, int]) -> Iterator[Sums]:
        if TIMES not in self._kinds:
            return
        parameters: dict[str, Any] = dict(self._series)
        group = grouped("series", group_of, parameters)
        found = self._connection.query(
            f"SELECT subject, {group} AS grp, stack, count() AS value FROM {self._times} "  # noqa: S608 our own names
            f"WHERE {self._within} GROUP BY subject, grp, stack ORDER BY subject",
            parameters,
        )
        if not len(found["stack"]):
            return
        subject, grp, value = (found[name].astype(np.int64) for name in ("subject", "grp", "value"))
        stack = self._dense(subject, found["stack"].astype(np.uint64), epochs(self._days))
        yield Sums(self._days[0], subject, grp, np.zeros_like(value), stack, value)

    def cells(self, column_ms: int, rows: int) -> Columns | None:
        if TIMES not in self._kinds:
            return None
        since, width = f"(tick - {self._begin})", column_ms * TICKS_PER_MS
        found = self._connection.query(
            f"SELECT intDiv({since}, {width}) AS col, intDiv({since} % {width} * {rows}, {width}) AS part, "  # noqa: S608
            f"count() AS n FROM {self._times} WHERE {self._within} GROUP BY col, part",
            self._series,
        )
        return {name: column.astype(np.int64) for name, column in found.items()}

    def untimed(self) -> int:
        if HEADERS not in self._kinds:
            return 0
        values = self._connection.query(f"SELECT sum(total) AS n {self._profiles}", self._series)
        if TIMES not in self._kinds:
            return int(values["n"][0])
        sql = f"SELECT count() AS n FROM {self._times} WHERE {self._of_profiles}"  # noqa: S608
        return int(values["n"][0]) - int(self._connection.query(sql, self._series)["n"][0])


def grouped(key: str, groups: Mapping[int, int], parameters: dict[str, Any]) -> str:
    """SQL for the group of a row, and the parameters that it and the choice of rows take."""
    parameters[f"{key}_in"] = list(groups)
    if len(set(groups.values())) == 1:
        return str(next(iter(groups.values())))
    parameters[f"{key}_group"] = list(groups.values())
    return f"transform({key}, {{{key}_in:Array(Int32)}}, {{{key}_group:Array(Int32)}}, 0)"
