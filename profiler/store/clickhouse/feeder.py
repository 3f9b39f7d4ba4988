"""From hot rows to the server, in batches. A batch that was sent and not acknowledged is sent again, and counts once.

Which rows a batch has is written down before it is sent (`Catalog.claim`): the second time it is the same, under the
same token, and the server leaves out what it has. When all of it is there, one transaction drops the hot rows.
"""

import secrets
from collections.abc import Sequence

from profiler.core.range_cover import DAY_MS
from profiler.store.catalog import Catalog, HotRow, Segment, Snapshot
from profiler.store.clickhouse.connection import Connection
from profiler.store.clickhouse.known import Known
from profiler.store.clickhouse.names import Names
from profiler.store.clickhouse.one import began_with
from profiler.store.clickhouse.partitions import partition
from profiler.store.clickhouse.rows import INSERT_ROWS, loss_table, sample_table, time_table
from profiler.store.clickhouse.schema import statements
from profiler.store.hot import unpack
from profiler.store.kinds import HEADERS, LOSSES, OF_PROFILES, RAW, TIERS, TIMES
from profiler.store.rows import header_table
from profiler.store.twins import told_apart

LISTED = {*(tier.kind for tier in TIERS), *OF_PROFILES}


class Feeder:
    """Two at once do no harm: they send the same batch, and one of them is overtaken."""

    def __init__(self, catalog: Catalog, connection: Connection) -> None:
        self._catalog, self._connection = catalog, connection
        self._known = Known()
        self._prepared = False

    def feed(self, limit: int) -> int:
        """Send up to `limit` hot rows, those of an unfinished batch first; returns how many. Raises OvertakenError."""
        snapshot = self._catalog.claimed()
        if not snapshot.hot:
            waiting = self._catalog.oldest_hot(limit)
            if not waiting.hot:
                return 0
            # Before they are sent: the second time they must be the same.
            rows = told_apart(waiting.hot, began_with(waiting, self._connection), self._catalog.twin)
            self._catalog.claim(waiting.generation, rows, secrets.randbits(62) + 1)
            snapshot = self._catalog.claimed()
        self._prepare()
        self._send(snapshot.hot)
        listed = _new_partitions(snapshot)
        self._catalog.commit(snapshot.generation, add=listed, hot=[row.id for row in snapshot.hot])
        return len(snapshot.hot)

    def _prepare(self) -> None:
        if not self._prepared:
            for statement in statements(self._connection.address):
                self._connection.command(statement)
            self._prepared = True

    def _send(self, rows: Sequence[HotRow]) -> None:
        """Names first, then sums, then headers: what can be found has all that belongs to it."""
        unpacked = [unpack(row.data) for row in rows]
        names = Names(self._known)
        for row, stacks in zip(rows, unpacked, strict=True):
            names.gather(row, stacks)
        names.send(self._connection)
        tables = {
            RAW.kind: sample_table(rows, unpacked),
            TIMES: time_table(rows, unpacked),
            LOSSES: loss_table(rows, unpacked),
            HEADERS: header_table(rows),
        }
        for kind, table in tables.items():
            # The same pieces of the same rows, always: each has a token of its own.
            for first in range(0, table.num_rows, INSERT_ROWS):
                self._connection.insert(kind, table.slice(first, INSERT_ROWS), f"{rows[0].batch}-{first}")


def _new_partitions(snapshot: Snapshot) -> list[Segment]:
    """What the catalog has to list: days of these rows that had no such rows yet."""
    listed = {(segment.kind, segment.day) for segment in snapshot.segments}
    days = sorted({row.ts_ms // DAY_MS for row in snapshot.hot})
    return [partition(kind, day) for day in days for kind in sorted(LISTED) if (kind, day) not in listed]
