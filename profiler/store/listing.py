"""Which profiles a sum is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from profiler.store.catalog import Snapshot
from profiler.store.dictionary import of_kind
from profiler.store.engine import Columns
from profiler.store.kinds import HEADERS
from profiler.store.question import Chosen, Question
from profiler.store.reading import FILES, Files, Missing
from profiler.store.sums import between, hot_rows, key_table

# Key, series, start and duration in ms, total.
ProfileRow = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class Listed:
    """A kept profile of one service; `total` in the unit of its values."""

    key: int
    labels: Mapping[str, str]
    ts_ms: int
    duration_ms: int
    total: int


def largest(
    stored: Sequence[ProfileRow], snapshot: Snapshot, question: Question, chosen: Chosen, limit: int
) -> list[Listed]:
    """The profiles of a question with the largest totals, the largest first: of these rows and hot ones."""
    rows = [
        (row.key, row.series, row.ts_ms, row.duration_ms, row.total) for row in hot_rows(snapshot, question, chosen)
    ]
    rows += stored
    listed = [_listed(chosen, *row) for row in rows]
    return sorted(listed, key=lambda one: (-one.total, one.key))[:limit]


def largest_stored(
    files: Files, snapshot: Snapshot, question: Question, chosen: Chosen, limit: int, missing: Missing
) -> list[ProfileRow]:
    """Those in segments."""
    sql = (
        f"SELECT key, series, ts, duration_ms, total FROM read_parquet({FILES}) "  # noqa: S608 our own names
        f"SEMI JOIN chosen USING (series) WHERE ts >= ? AND ts < ? ORDER BY total DESC, key LIMIT ?"
    )
    segments = between(of_kind(snapshot.segments, HEADERS), question.begin_ms, question.end_ms)
    table = key_table("series", dict.fromkeys(chosen.series, 0))
    found = files.ask(segments, sql, [question.begin_ms, question.end_ms, limit], missing, chosen=table)
    return [] if found is None else profile_rows(found)


def profile_rows(found: Columns) -> list[ProfileRow]:
    """Of columns key, series, ts, duration_ms and total."""
    return list(zip(*(found[name].tolist() for name in ("key", "series", "ts", "duration_ms", "total")), strict=True))


def _listed(chosen: Chosen, key: int, number: int, ts_ms: int, duration_ms: int, total: int) -> Listed:
    series = chosen.series[number]
    return Listed(key, series.labels, ts_ms, duration_ms, total * chosen.weight(series))
