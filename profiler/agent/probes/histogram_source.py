"""A histogram that runs: a batch of what it grew by each second."""

import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from profiler.agent.probes import example_stacks
from profiler.agent.probes.example_stacks import ExampleStacks, NoStacks, example_meta, example_switches
from profiler.agent.probes.histogram_table import HEADERS, HistogramTable, sizes
from profiler.agent.probes.program import ProbeProgram, ProbeProgramError
from profiler.agent.probes.shared_walk import shared_walk, walking
from profiler.core.errors import WebprofError
from profiler.core.event_batch import LOST_REDIS
from profiler.core.histogram_batch import MAX_WHY, HistogramBatch, encode
from profiler.core.probe import Histogram, Probe, Values

logger = logging.getLogger(__name__)

SECOND_S = 1.0


class HistogramSource:
    """Attached from the constructor to `close`; used by one thread. Raises ProbeProgramError."""

    def __init__(self, host: str, probe: Probe, values: Values) -> None:
        if probe.histogram is None:
            raise ProbeProgramError(f"probe {probe.name} counts in no histogram")
        self._resources = contextlib.ExitStack()
        try:
            self._program, self._stacks = self._opened(host, probe, values, probe.histogram)
            self._resources.callback(self._program.close)
            self._resources.callback(self._stacks.close)
            self._table = HistogramTable(self._program.map_fd, probe.histogram, host, probe.name, self._stacks)
            self._resources.callback(self._table.close)
        except BaseException:
            self._resources.close()
            raise
        self._lost: dict[str, int] = {}
        self._due = time.monotonic() + SECOND_S
        self.pause_s = SECOND_S

    def _opened(
        self, host: str, probe: Probe, values: Values, histogram: Histogram
    ) -> tuple[ProbeProgram, ExampleStacks | NoStacks]:
        """With the walk of stacks where examples have some; a kernel that can't walk them counts all the same."""
        if not histogram.stack:
            return self._plain(probe, values, histogram), NoStacks()
        try:
            walk = self._resources.enter_context(shared_walk().joined())
            program = ProbeProgram(
                probe, values, HEADERS, sizes(histogram), entries={"stacks": example_stacks.RING_BYTES},
                prepared=lambda options: walking(options, example_switches()), shared=walk.maps(),
            )  # fmt: skip
            return program, ExampleStacks(program.map_fd, walk, example_meta(host, probe.name))
        except (WebprofError, OSError) as error:
            logger.warning("examples of %s have no stacks: %s", probe.name, error)
            program = self._plain(probe, values, histogram)
            return program, NoStacks(f"stacks can't be walked on this host: {error}"[:MAX_WHY])

    def _plain(self, probe: Probe, values: Values, histogram: Histogram) -> ProbeProgram:
        return ProbeProgram(probe, values, HEADERS, sizes(histogram))

    def follow(self) -> None:
        """Take stacks from now on, if what the host runs is known; else the next reading asks again."""
        self._stacks.follow()

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
        self._resources.close()

    def _read(self) -> HistogramBatch:
        batch = self._table.read()
        self._count_lost({**batch.lost, **self._program.newly_missed()})
        lost, self._lost = self._lost, {}
        return replace(batch, lost=lost)

    def _count_lost(self, counts: Mapping[str, int]) -> None:
        for cause, count in counts.items():
            if count:
                self._lost[cause] = self._lost.get(cause, 0) + count
