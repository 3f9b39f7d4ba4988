"""Running a histogram around a known load: all that it counted, by labels."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from profiler.agent.probes.histogram_source import HistogramSource
from profiler.core.histogram_batch import Exemplar, HistogramBatch, decode, encode
from profiler.core.probe import Hook
from profiler.probes.registry import probe_named
from tests.bpf.harness import PATIENCE_S

HOST = "test-host"
# Loads take this name for what is to be counted; nobody else has it, not those of tests in other processes either.
COMM = f"wp-hist-{os.getpid()}"
NAMED = f"""
def name(text):
    with open("/proc/self/comm", "w") as file: file.write(text)
NAME = {COMM!r}
"""


@dataclass
class Counted:
    """What a histogram grew by, as a server reads it."""

    batches: list[HistogramBatch] = field(default_factory=list)

    @property
    def events(self) -> dict[tuple[str, ...], int]:
        return self._summed(lambda batch, row: int(batch.counts[row].sum()))

    @property
    def sums(self) -> dict[tuple[str, ...], int]:
        """Of the values, by labels."""
        return self._summed(lambda batch, row: batch.sums[row])

    @property
    def lost(self) -> int:
        return sum(sum(batch.lost.values()) for batch in self.batches)

    @property
    def exemplars(self) -> list[Exemplar]:
        return [example for batch in self.batches for example in batch.exemplars]

    def _summed(self, value: Any) -> dict[tuple[str, ...], int]:
        found: dict[tuple[str, ...], int] = {}
        for batch in self.batches:
            for row, labels in enumerate(batch.labels):
                found[labels] = found.get(labels, 0) + value(batch, row)
        return found


@contextmanager
def counting(name: str, *, hook: Hook | None = None, **values: Any) -> Iterator[Counted]:
    """The probe at work, by one of its ways if one is named; after the block what it counted is whole."""
    probe = probe_named(name)
    probe = probe.at(hook) if hook else probe
    source = HistogramSource(HOST, probe, probe.values(values))
    counted = Counted()
    try:
        yield counted
        counted.batches = [decode(encode(batch)) for batch in source.finish()]
    finally:
        source.close()
    for example in counted.exemplars:
        assert example.labels in counted.events


def load(code: str, *arguments: str, under: tuple[str, ...] = ()) -> list[str]:
    """Run Python code in a process of its own; the words it printed. It calls `name(NAME)` to be counted."""
    command = [*under, sys.executable, "-S", "-c", NAMED + code, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=PATIENCE_S)
    return done.stdout.split()


def is_exact(counted: Counted, events: int, expected: int) -> bool:
    """All of a known number, but for those that the probe itself says it lost."""
    return expected - counted.lost <= events <= expected


def block_device(path: Path) -> Path | None:
    """The disk that a file is on; None where it is on none of its own."""
    device = path.stat().st_dev
    place = Path(f"/sys/dev/block/{device >> 8 & 0xFFF}:{device & 0xFF | device >> 12 & 0xFFF00}")
    return place.resolve() if place.exists() else None
