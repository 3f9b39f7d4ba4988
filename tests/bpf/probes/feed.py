"""Running a probe around a known load: all that it sent, and that nothing was lost on the way."""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from subprocess import PIPE, CompletedProcess, Popen, run
from typing import Any

from profiler.agent.probes.events import EventSource
from profiler.agent.probes.program import LOST_BESIDE
from profiler.core.event_batch import EventBatch, decode, encode
from profiler.probes.registry import probe_named
from tests.bpf.harness import PATIENCE_S

HOST = "test-host"
Row = dict[str, Any]


@dataclass
class Watched:
    """What a feed sent, as a server reads it."""

    batches: list[EventBatch] = field(default_factory=list)

    def add(self, batches: list[EventBatch]) -> None:
        self.batches += [decode(encode(batch)) for batch in batches]

    @property
    def rows(self) -> list[Row]:
        return [
            dict(zip(batch.columns, row, strict=True))
            for batch in self.batches
            for row in zip(*(_values(column) for column in batch.columns.values()), strict=True)
        ]

    @property
    def lost(self) -> Counter[str]:
        return sum((Counter(batch.lost) for batch in self.batches), Counter())


def _values(column: Any) -> list[Any]:
    return column if isinstance(column, list) else column.tolist()


@contextmanager
def watching(name: str, *, hides_private: bool = False, **values: Any) -> Iterator[Watched]:
    """The probe at work; after the block what it sent is whole. What this process does itself is never seen."""
    probe = probe_named(name)
    source = EventSource(HOST, probe, probe.values(values), hides_private=hides_private)
    watched = Watched()
    try:
        yield watched
        watched.add(source.finish())
    finally:
        source.close()
    # An interrupt's event beside the program may be anybody's.
    assert watched.lost.keys() <= {LOST_BESIDE}
    _assert_as_declared(name, watched, hides_private=hides_private)


def _assert_as_declared(name: str, watched: Watched, *, hides_private: bool) -> None:
    fields = [field for field in probe_named(name).fields if not (hides_private and field.shows.is_private)]
    for batch in watched.batches:
        assert list(batch.columns) == [field.name for field in fields]
        for column in fields:
            assert isinstance(batch.columns[column.name], list) == column.shows.is_text, column


def rows_of(name: str, load: Callable[[], int], column: str = "pid", **values: Any) -> list[Row]:
    """What a load's process did: `load` starts it, waits for its end and gives its pid."""
    with watching(name, **values) as watched:
        pid = load()
    return [row for row in watched.rows if row[column] == pid]


# The name of a load's main thread, for filters: on a busy machine an event feed of everybody could fill its ring. Tests
# in other processes have loads too.
LOAD = f"wp-load-{os.getpid()}"
_NAMED = f"open('/proc/self/comm', 'w').write({LOAD!r})\n"


def python(code: str, *arguments: str) -> int:
    """Run code in a process of its own, whose name is LOAD; its pid."""
    with Popen([sys.executable, "-S", "-c", _NAMED + code, *arguments]) as process:
        assert process.wait(PATIENCE_S) == 0
    return process.pid


def shell(command: str) -> "CompletedProcess[str]":
    return run(["sh", "-c", command], check=True, stdout=PIPE, text=True, timeout=PATIENCE_S)


def wait_for(look: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not look():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
