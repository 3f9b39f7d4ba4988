"""Counters of a probe, by process: once a second a row for each process that has counted something."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.counts import PerCpuCounters
from profiler.agent.probes.program import ProbeProgram, ProbeProgramError
from profiler.core.event_batch import LOST_REDIS, EventBatch, encode
from profiler.core.probe import Probe, Values

COUNTS_HEADER = "bpf/counts.h"
# At 64 bytes each and as many keys: a megabyte.
MAX_PROCESSES = 8192
INTERVAL_S = 1.0
LOST_NO_ROOM = "more processes than the table holds"


class CountSource:
    """Attached from the constructor to `close`; used by one thread. Raises ProbeProgramError."""

    pause_s = INTERVAL_S

    def __init__(self, host: str, probe: Probe, values: Values, most: int = MAX_PROCESSES) -> None:
        if probe.decode is None or probe.record is None:
            raise ProbeProgramError(f"probe {probe.name} has no decoder of counts")
        self._host, self._probe, self._decode, self._record = host, probe, probe.decode, probe.record
        width = probe.record["values"].shape[0]
        self._program = ProbeProgram(probe, values, (COUNTS_HEADER,), {"COUNTS": width, "COUNT_PROCESSES": most})
        self._table = self._program.map_fd("process_counts")
        self._keys = np.zeros(most, "<u4")
        self._rows = np.zeros(most, np.dtype([("comm", "S16"), ("values", "<u8", (width,))]))
        self._seen: dict[int, npt.NDArray[np.uint64]] = {}
        self._losses = PerCpuCounters(self._program.map_fd("counts_lost"), [str(place) for place in range(width)])
        self._began_ns = self._start_ns = time.time_ns()
        self._sent = 0
        self._lost: dict[str, int] = {}

    def take(self) -> list[EventBatch]:
        rows = self._grown()
        lost, self._lost = self._lost, {}
        if no_room := sum(self._losses.take().values()):
            lost[LOST_NO_ROOM] = lost.get(LOST_NO_ROOM, 0) + no_room
        for cause, count in self._program.newly_missed().items():
            lost[cause] = lost.get(cause, 0) + count
        start, self._start_ns = self._start_ns, time.time_ns()
        columns = {
            name: np.ascontiguousarray(column) if not isinstance(column, list) else column
            for name, column in self._decode(rows).items()
        }
        columns["at_ns"] = np.full(len(rows), self._start_ns, np.uint64)
        name, began, sent = self._probe.name, self._began_ns, self._sent
        self._sent += len(rows)
        return [EventBatch(self._host, name, start, self._start_ns, columns, lost, began, sent)]

    def finish(self) -> list[EventBatch]:
        """Detach, and all that was counted until then."""
        self._program.detach()
        return self.take()

    def not_sent(self, batches: Sequence[EventBatch]) -> None:
        """Their rows reach nobody; the next batch tells how many."""
        for batch in batches:
            self._sent -= len(batch)
            for cause, count in {**batch.lost, LOST_REDIS: len(batch) + batch.lost.get(LOST_REDIS, 0)}.items():
                self._lost[cause] = self._lost.get(cause, 0) + count

    def encode(self, batch: EventBatch) -> bytes:
        return encode(batch)

    def run_time_ns(self) -> int:
        return self._program.run_time_ns()

    def close(self) -> None:
        self._program.close()

    def _grown(self) -> Any:
        """Rows of the processes that counted since the last time. Those that did not and are gone leave the table."""
        found = bpf_syscall.map_lookup_batch(self._table, self._keys, self._rows)
        made = np.zeros(found, self._record)
        grew = np.zeros(found, bool)
        for i, (pid, row) in enumerate(zip(self._keys[:found].tolist(), self._rows[:found], strict=True)):
            before = self._seen.get(pid)
            made[i] = (0, pid, row["comm"], row["values"] if before is None else row["values"] - before)
            grew[i] = made[i]["values"].any()
            if grew[i]:
                self._seen[pid] = row["values"].copy()
            elif not Path(f"/proc/{pid}").exists():
                self._forget(pid)
        return made[grew]

    def _forget(self, pid: int) -> None:
        """No thread of it can count any more: nothing is lost with it."""
        bpf_syscall.map_delete(self._table, np.array([pid], "<u4"))
        self._seen.pop(pid, None)
