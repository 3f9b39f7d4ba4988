"""A histogram that runs: a batch of what it grew by each second."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from profiler.agent.probes.histogram_table import HEADERS, HistogramTable, sizes
from profiler.agent.probes.program import ProbeProgram, ProbeProgramError
from profiler.core.event_batch import LOST_REDIS
from profiler.core.histogram_batch import HistogramBatch, encode
from profiler.core.probe import Probe, Values

SECOND_S = 1.0


class HistogramSource:
    """Attached from the constructor to `close`; used by one thread. Raises ProbeProgramError."""

    def __init__(self, host: str, probe: Probe, values: Values) -> None:
        if probe.histogram is None:
            raise ProbeProgramError(f"probe {probe.name} counts in no histogram")
        self._program = ProbeProgram(probe, values, HEADERS, sizes(probe.histogram))
        self._table = HistogramTable(self._program.map_fd, probe.histogram, host, probe.name)
        self._lost: dict[str, int] = {}
        self._due = time.monotonic() + SECOND_S
        self.pause_s = SECOND_S

    def take(self) -> list[HistogramBatch]:
        """One a second, also of a second without events."""
        now = time.monotonic()
        if now < self._due:
            self.pause_s = self._due - now
            return []
        # A late look does not make the next ones come in a row.
        self._due = max(self._due + SECOND_S, now)
        self.pause_s = max(0.0, self._due - now)
        return [self._read()]

    def finish(self) -> list[HistogramBatch]:
        """Detach, and all that was counted until then."""
        self._program.detach()
        return [self._read()]

    def encode(self, batch: HistogramBatch) -> bytes:
        return encode(batch)

    def not_sent(self, batches: Sequence[HistogramBatch]) -> None:
        """They reach nobody: the next one tells what was in them as lost."""
        for batch in batches:
            self._count_lost({**batch.lost, LOST_REDIS: batch.events + batch.lost.get(LOST_REDIS, 0)})

    def run_time_ns(self) -> int:
        return self._program.run_time_ns()

    def close(self) -> None:
        self._table.close()
        self._program.close()

    def _read(self) -> HistogramBatch:
        batch = self._table.read()
        self._count_lost({**batch.lost, **self._program.newly_missed()})
        lost, self._lost = self._lost, {}
        return replace(batch, lost=lost)

    def _count_lost(self, counts: Mapping[str, int]) -> None:
        for cause, count in counts.items():
            if count:
                self._lost[cause] = self._lost.get(cause, 0) + count
