"""One profile on the server: to be looked at, or to be taken out."""

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
from profiler.store.errors import StoreError
from profiler.store.kinds import HEADERS, LOSSES, RAW, TIERS, TIMES, Tier

_ITS = "subject = {subject:Int32} AND ts = {ts:Int64} AND series = {series:Int32}"


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

    @property
    def parameters(self) -> dict[str, int]:
        return {"subject": self.subject, "ts": self.ts_ms, "series": self.series}


def find(snapshot: Snapshot, connection: Connection, key: int, day: int) -> Place | None:
    """None when there is no such profile. Raises StoreError when its samples are past their time."""
    kinds = {segment.kind for segment in snapshot.segments if segment.day == day}
    if HEADERS not in kinds:
        return None
    database = connection.address.database
    found = connection.query(
        f"SELECT subject, ts, series FROM {database}.{HEADERS} WHERE key = {{key:Int64}} "  # noqa: S608 our own names
        f"AND ts >= {day * DAY_MS} AND ts < {(day + 1) * DAY_MS}",
        {"key": key},
    )
    if not len(found["ts"]):
        return None
    subject, ts_ms, series = (int(found[name][0]) for name in ("subject", "ts", "series"))
    its = {"subject": subject, "ts": ts_ms, "series": series}
    same = connection.query(f"SELECT count() AS n FROM {database}.{HEADERS} WHERE {_ITS}", its)  # noqa: S608
    if same["n"][0] > 1:
        raise StoreError(
            f"profile {key}: another of its series began in the same millisecond; they can't be told apart"
        )
    if RAW.kind not in kinds:
        raise StoreError(f"profile {key}: its samples are not there: too old")
    rows = connection.query(f"SELECT stack, value FROM {database}.{RAW.kind} WHERE {_ITS}", its)  # noqa: S608
    return Place(key, day, subject, series, ts_ms, rows["stack"].astype(np.uint64), rows["value"].astype(np.int64))


def delete(snapshot: Snapshot, connection: Connection, place: Place) -> None:
    """Rollups are sums: taking away is adding the negative. The header goes last: until then it can be done again."""
    listed = {segment.kind for segment in snapshot.segments if segment.day == place.day}
    for tier in TIERS[1:]:
        if tier.kind in listed:
            _correct(connection, tier, place)
    for kind in (RAW.kind, TIMES, LOSSES, HEADERS):
        at = connection.address
        everywhere = f" ON CLUSTER {at.cluster}" if at.cluster else ""
        connection.command(
            f"DELETE FROM {at.database}.{stored_name(kind, at)}{everywhere} WHERE {_ITS}",  # noqa: S608
            place.parameters,
            lightweight_deletes_sync=2,
        )


def _correct(connection: Connection, tier: Tier, place: Place) -> None:
    """With a token: a deletion that was broken off and is done again must not take away twice."""
    count = len(place.stack)
    if count:
        same = {"subject": place.subject, "ts": place.ts_ms - place.ts_ms % tier.step_ms, "series": place.series}
        columns: dict[str, Any] = {name: np.full(count, value) for name, value in same.items() if name in tier.columns}
        table = pa.table(columns | {"stack": place.stack, "value": -place.value})
        connection.insert(tier.kind, table, f"delete-{place.key}")
