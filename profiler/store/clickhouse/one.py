"""Profiles on the server: one to be looked at, or several of a day to be taken out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from profiler.core.identity import Hashes
from profiler.core.profile import Int64s
from profiler.core.range_cover import DAY_MS
from profiler.store.catalog import Snapshot
from profiler.store.clickhouse.connection import Connection
from profiler.store.clickhouse.schema import stored_name
from profiler.store.engine import Columns
from profiler.store.errors import StoreError
from profiler.store.kinds import HEADERS, LOSSES, RAW, TIERS, TIMES, Tier
from profiler.store.twins import Triple


@dataclass(frozen=True)
class Place:
    """Where a profile is; `stack` (numbers of content) and `value` are its raw rows."""

    key: int
    day: int
    subject: int
    series: int
    ts_ms: int
    stack: Hashes
    value: Int64s


# Of profiles in one question: some 60 KB of its text, of the 256 that a server takes.
AT_ONCE = 2000


def find(snapshot: Snapshot, connection: Connection, keys: Sequence[int], day: int) -> list[Place]:
    """Those of the profiles that are there, by key. Raises StoreError when samples are past their time."""
    if not _listed(snapshot, HEADERS, day):
        return []
    database = connection.address.database
    found = connection.query(
        f"SELECT key, subject, ts, series FROM {database}.{HEADERS} WHERE key IN {{keys:Array(Int64)}} "  # noqa: S608
        f"AND ts >= {day * DAY_MS} AND ts < {(day + 1) * DAY_MS} ORDER BY key",
        {"keys": list(keys)},
    )
    names = dict(zip(found["key"].tolist(), _triples(found), strict=True))
    if not names:
        return []
    its = _its(list(names.values()))
    same = connection.query(f"SELECT count() AS n FROM {database}.{HEADERS} WHERE {its}")  # noqa: S608
    if same["n"][0] > len(found["key"]):
        raise StoreError(
            f"profiles {list(names)}: others of their series began in the same millisecond; they can't be told apart"
        )
    if not _listed(snapshot, RAW.kind, day):
        raise StoreError(f"profiles {list(names)}: their samples are not there: too old")
    rows = connection.query(
        f"SELECT subject, ts, series, stack, value FROM {database}.{RAW.kind} WHERE {its}"  # noqa: S608
        " ORDER BY subject, ts, series"
    )
    return list(_places(names, day, rows))


def _places(names: Mapping[int, Triple], day: int, rows: Columns) -> Iterator[Place]:
    """Rows are in the order of their profiles."""
    triples, count = np.array(_triples(rows)).reshape(-1, 3), len(rows["stack"])
    changes = np.flatnonzero((triples[1:] != triples[:-1]).any(axis=1)) + 1
    first = np.r_[0, changes] if count else changes
    where = {tuple(triples[a].tolist()): slice(a, b) for a, b in zip(first, np.r_[changes, count], strict=False)}
    stack, value = rows["stack"].astype(np.uint64), rows["value"].astype(np.int64)
    for key, (subject, ts_ms, series) in names.items():
        its = where.get((subject, ts_ms, series), slice(0, 0))
        yield Place(key, day, subject, series, ts_ms, stack[its], value[its])


def began_with(waiting: Snapshot, connection: Connection) -> set[Triple]:
    """The names of profiles on the server that began with one of these hot rows."""
    days = {segment.day for segment in waiting.segments if segment.kind == HEADERS}
    began = sorted({(row.subject, row.ts_ms) for row in waiting.hot if row.ts_ms // DAY_MS in days})
    taken: set[Triple] = set()
    for first in range(0, len(began), AT_ONCE):
        some = began[first : first + AT_ONCE]
        times = [ts for _, ts in some]
        said = ", ".join(f"({subject}, {ts})" for subject, ts in some)
        taken |= set(
            _triples(
                connection.query(
                    f"SELECT subject, ts, series FROM {connection.address.database}.{HEADERS} "  # noqa: S608
                    f"WHERE ts >= {min(times)} AND ts <= {max(times)} AND (subject, ts) IN ({said})"
                )
            )
        )
    return taken


def delete(snapshot: Snapshot, connection: Connection, places: Sequence[Place]) -> None:
    """Rollups are sums: taking away is adding the negative. Headers go last: until then it can be done again.

    Each table is changed once for all of these profiles: a change costs a server by its parts, not by the rows.
    """
    for place in places:
        for tier in TIERS[1:]:
            if _listed(snapshot, tier.kind, place.day):
                _correct(connection, tier, place)
    at = connection.address
    everywhere = f" ON CLUSTER {at.cluster}" if at.cluster else ""
    its = _its([(place.subject, place.ts_ms, place.series) for place in places])
    for kind in (RAW.kind, TIMES, LOSSES, HEADERS):
        connection.command(
            f"DELETE FROM {at.database}.{stored_name(kind, at)}{everywhere} WHERE {its}",  # noqa: S608
            lightweight_deletes_sync=2,
        )


def _correct(connection: Connection, tier: Tier, place: Place) -> None:
    """With a token: a deletion that was broken off and is done again must not take away twice.

    One of each profile, not of all: with whom a profile is deleted may be different the second time.
    """
    count = len(place.stack)
    if count:
        same = {"subject": place.subject, "ts": place.ts_ms - place.ts_ms % tier.step_ms, "series": place.series}
        columns: dict[str, Any] = {name: np.full(count, value) for name, value in same.items() if name in tier.columns}
        table = pa.table(columns | {"stack": place.stack, "value": -place.value})
        connection.insert(tier.kind, table, f"delete-{place.key}")


def _listed(snapshot: Snapshot, kind: str, day: int) -> bool:
    return any(segment.kind == kind and segment.day == day for segment in snapshot.segments)


def _triples(columns: Columns) -> list[Triple]:
    return list(zip(*(columns[name].tolist() for name in ("subject", "ts", "series")), strict=True))


def _its(triples: Sequence[Triple]) -> str:
    """SQL for the rows of these profiles. The tables' order begins with subject and time: said apart, both are used."""
    subjects, times, _ = zip(*triples, strict=True)
    said = ", ".join(f"({subject}, {ts}, {series})" for subject, ts, series in triples)
    return (
        f"subject IN ({', '.join(map(str, sorted(set(subjects))))}) AND ts >= {min(times)} AND ts <= {max(times)} "
        f"AND (subject, ts, series) IN ({said})"
    )
