"""Events of a probe: from its ring to batches, four a second, with what was lost."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from profiler.agent.host.redaction import hide_secrets
from profiler.agent.kernel.counts import PerCpuCounters
from profiler.agent.kernel.ring import FixedRingReader, RingReader
from profiler.agent.probes.host_names import DISK, disk_name
from profiler.agent.probes.program import ProbeProgram, ProbeProgramError
from profiler.agent.probes.room import RingRoom
from profiler.core.errors import WebprofError
from profiler.core.event_batch import LOST_REDIS, LOST_RING, LOST_SMALL_RING, MAX_EVENTS, EventBatch, encode
from profiler.core.probe import Column, Columns, Field, Probe, Shows, Values

FEED_HEADER = "bpf/feed.h"
# Events of one length are those that come in large numbers: 8 MB are half a second of 200,000 of them a second, which a
# busy machine may leave the reader waiting.
RING_BYTES, FIXED_RING_BYTES = 4 * 2**20, 8 * 2**20
_PAGE = 4096
_RING = "feed_ring"
BATCH_S = 0.25
# A page that shows a feed sees that it runs, though nothing happens.
IDLE_S = 1.0
# How often the ring is looked at: seldom, until it was this full.
QUIET_S, BUSY_S = 0.1, 0.02
_BUSY_FILL = 0.05
# `enum feed_loss`
LOST_NO_ROOM = "too many at once"


class EventSource:
    """Attached from the constructor to `close`; used by one thread. Raises ProbeProgramError or NoRoomError.

    `hides_private`: columns that can hold private data stay on this host. `room`: where its ring's memory is from, that
    of this source alone if it is left out.
    """

    def __init__(
        self, host: str, probe: Probe, values: Values, *, hides_private: bool, room: RingRoom | None = None
    ) -> None:
        if probe.decode is None:
            raise ProbeProgramError(f"probe {probe.name} has no decoder")
        self._host = host
        self._probe = probe
        self._decode = probe.decode
        self._fields = [field for field in probe.fields if not (hides_private and field.shows.is_private)]
        self._room = room or RingRoom()
        wanted = RING_BYTES if probe.record is None else FIXED_RING_BYTES
        self._ring_bytes = self._room.take(wanted)
        try:
            pages, ring = {"FEED_PAGES": wanted // _PAGE}, {_RING: self._ring_bytes}
            self._program = ProbeProgram(probe, values, (FEED_HEADER,), pages, entries=ring)
        except WebprofError:
            self._room.give_back(self._ring_bytes)
            raise
        self._ring = self._reader()
        full = LOST_RING if self._ring_bytes == wanted else LOST_SMALL_RING
        self._losses = PerCpuCounters(self._program.map_fd("feed_lost"), (full, LOST_NO_ROOM))
        self._waiting: list[Any] = []
        self._lost: dict[str, int] = {}
        self._began_ns = self._start_ns = time.time_ns()
        self._sent = 0
        self._batch_at = time.monotonic() + BATCH_S
        self._told_at = 0.0
        self.pause_s = QUIET_S

    def _reader(self) -> Any:
        ring, fixed = self._program.map_fd(_RING), self._probe.record
        return RingReader(ring, self._ring_bytes) if fixed is None else FixedRingReader(ring, self._ring_bytes, fixed)

    def take(self) -> list[EventBatch]:
        """What is due: events of BATCH_S at once, and a batch without events after IDLE_S."""
        self.pause_s = BUSY_S if self._ring.fill > _BUSY_FILL else QUIET_S
        self._waiting.append(self._ring.drain())
        now = time.monotonic()
        if now < self._batch_at:
            return []
        self._batch_at = now + BATCH_S
        self._count_lost({**self._losses.take(), **self._program.newly_missed()})
        records = self._records()
        if not len(records) and not self._lost and now < self._told_at + IDLE_S:
            return []
        self._told_at = now
        return self._batches(records)

    def finish(self) -> list[EventBatch]:
        """Detach, and all that was seen until then."""
        self._program.detach()
        self._waiting += self._ring.drain_all()
        self._count_lost({**self._losses.take(), **self._program.newly_missed()})
        return self._batches(self._records())

    def not_sent(self, batches: Sequence[EventBatch]) -> None:
        """The newest ones reach nobody: the next one tells what was in them as lost."""
        for batch in batches:
            self._sent -= len(batch)
            self._count_lost({**batch.lost, LOST_REDIS: len(batch) + batch.lost.get(LOST_REDIS, 0)})

    def encode(self, batch: EventBatch) -> bytes:
        return encode(batch)

    def run_time_ns(self) -> int:
        return self._program.run_time_ns()

    def close(self) -> None:
        self._ring.close()
        self._program.close()
        self._room.give_back(self._ring_bytes)

    def _count_lost(self, counts: dict[str, int]) -> None:
        for cause, count in counts.items():
            if count:
                self._lost[cause] = self._lost.get(cause, 0) + count

    def _records(self) -> Any:
        waiting, self._waiting = self._waiting, []
        if self._probe.record is not None:
            return np.concatenate(waiting)
        return [record for records in waiting for record in records]

    def _batches(self, records: Any) -> list[EventBatch]:
        """One, unless there are more events than it may hold. The first one tells what was lost."""
        start, self._start_ns = self._start_ns, time.time_ns()
        # The clock that programs read and the wall's, at one moment: a clock that is set moves later batches only.
        offset = self._start_ns - time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        batches = []
        for first in range(0, len(records) or 1, MAX_EVENTS):
            part = records[first : first + MAX_EVENTS]
            lost, self._lost = self._lost, {}
            batches.append(
                EventBatch(
                    self._host, self._probe.name, start, self._start_ns, self._columns(part, offset), lost,
                    self._began_ns, self._sent,
                )
            )  # fmt: skip
            self._sent += len(part)
        return batches

    def _columns(self, records: Any, offset_ns: int) -> Columns:
        columns = self._decode(records)
        at = self._probe.fields[0].name
        columns[at] = (np.asarray(columns[at]).astype(np.int64) + offset_ns).astype(np.uint64)
        return {field.name: _of_this_host(field, columns[field.name]) for field in self._fields}


def _of_this_host(field: Field, column: Column) -> Column:
    """Disks by the names that people of this host know, arguments without their secrets."""
    if field.shows is Shows.COMMAND:
        return [hide_secrets(str(text)) for text in column]
    if field.name == DISK:
        return [disk_name(str(number)) for number in column]
    return column if isinstance(column, list) else np.ascontiguousarray(column)
