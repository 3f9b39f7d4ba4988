"""The tables' partitions, a day each, as the catalog lists them; what it does not list is not read, dropped later."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from profiler.core.range_cover import DAY_MS
from profiler.store.catalog import Catalog, Segment
from profiler.store.clickhouse.connection import Connection
from profiler.store.clickhouse.schema import EPOCH_DAYS, stored_name
from profiler.store.kinds import DICTIONARY, FRAMES, NODES
from profiler.store.retention import GRACE, KEPT_DAYS

_FOLDER = "clickhouse"


def partition(kind: str, day: int) -> Segment:
    """As the catalog lists it: of all subjects, its rows and bytes known to the server only."""
    path = f"{_FOLDER}/{kind}/{day}/{uuid4().hex}"
    return Segment(kind, day, 0, path, day * DAY_MS, (day + 1) * DAY_MS - 1, 0, 2**31 - 1, rows=0, bytes=0, crc32=0)


def drop_unlisted(catalog: Catalog, connection: Connection, now: datetime) -> int:
    """Drop what was unlisted a while ago, and dictionaries that no day needs. Returns how many partitions."""
    gone = catalog.unlisted(now - GRACE)
    listed = {(segment.kind, segment.day) for day in catalog.days() for segment in _listed(catalog, day)}
    dropped = 0
    for path in gone.values():
        _, kind, day, _ = path.split("/")
        if (kind, int(day)) not in listed:
            _drop(connection, kind, int(day))
            dropped += 1
    catalog.drop_unlisted(gone)
    if gone:
        dropped += _drop_dictionaries(connection, int(now.timestamp() * 1000) // DAY_MS)
    return dropped


def _listed(catalog: Catalog, day: int) -> Sequence[Segment]:
    return catalog.snapshot(day, day, ()).segments


def _drop_dictionaries(connection: Connection, today: int) -> int:
    """Sums without names say nothing: they go when the last day of theirs is past all times."""
    oldest = (today - max(KEPT_DAYS[kind] for kind in DICTIONARY)) // EPOCH_DAYS
    dropped = 0
    for kind in (NODES, FRAMES):
        sql = f"SELECT DISTINCT epoch FROM {connection.address.database}.{kind}"  # noqa: S608 our own names
        for epoch in connection.query(sql)["epoch"].tolist():
            if epoch < oldest:
                _drop(connection, kind, epoch)
                dropped += 1
    return dropped


def _drop(connection: Connection, kind: str, number: int) -> None:
    at = connection.address
    everywhere = f" ON CLUSTER {at.cluster}" if at.cluster else ""
    connection.command(f"ALTER TABLE {at.database}.{stored_name(kind, at)}{everywhere} DROP PARTITION {number}")
