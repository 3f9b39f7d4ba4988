"""Outcomes on their way to the server, oldest first, in a directory: they outlive a Redis that is away and the agent.

Every outcome goes through here, not only when Redis is away: one path, and a killed agent loses no finished profile.
Results of runs and profiles of continuous profiling have a spool each: a day's backlog must not hold up the result that
somebody waits for, nor push it out.
"""

import logging
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from profiler.agent import atomic
from profiler.agent.delivery.outcome import Outcome, OutcomeError
from profiler.core.channel import RunState

logger = logging.getLogger(__name__)

PROFILE, REPORT = "profile", "report"


@dataclass(frozen=True)
class Limits:
    """`memory_bytes` of what the disk does not take stay in memory; `free_bytes` of the disk are left to others."""

    bytes: int
    entries: int
    memory_bytes: int
    free_bytes: int = 0


# Several of the largest batches (64 MiB), or hundreds of usual ones (under 1 MiB); never a full disk.
# Reports are a few hundred bytes; a thousand unsent ones mean that nobody reads them any more.
RESULTS = Limits(bytes=256 * 2**20, entries=1000, memory_bytes=256 * 2**20)
# A day and more of ten-second profiles (8,640), of up to 110 KB each; two busy CPUs at 19 Hz take 5 to 20 KB.
# Nobody waits for one of these: a host short of disk is worth more, and then a few in memory are on their way.
CONTINUOUS = Limits(bytes=2**30, entries=10_000, memory_bytes=4 * 2**20, free_bytes=2**28)


@dataclass(frozen=True)
class Entry:
    """One waiting outcome. `unwritten` holds it when the disk took no more: better in memory than lost."""

    number: int
    size: int
    kind: str
    unwritten: Outcome | None = None

    @property
    def name(self) -> str:
        return f"{self.number:020d}.{self.kind}"


class Spool:
    """A first-in-first-out queue. Thread-safe. `dropped` counts profiles and reports given up, since the start."""

    def __init__(self, directory: Path, limits: Limits = RESULTS) -> None:
        self._directory = directory
        self._limits = limits
        self._lock = threading.RLock()
        self._entries = self._found()
        self._next = max((entry.number for entry in self._entries), default=0) + 1
        self.bytes = sum(entry.size for entry in self._entries)
        self.dropped = 0
        self.filled = threading.Event()
        if self._entries:
            self.filled.set()

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, outcome: Outcome) -> None:
        """Keep an outcome until it is removed; makes room by dropping the oldest profiles first."""
        data = outcome.pack()
        with self._lock:
            self._make_room(len(data))
            entry = self._stored(self._next, outcome, data)
            self._next += 1
            if entry is None:
                self.dropped += 1
                return
            self._add(len(self._entries), entry)
        self.filled.set()

    def oldest(self) -> tuple[Entry, Outcome] | None:
        """The next outcome to send, which stays until `remove`. Damaged files are dropped and counted."""
        with self._lock:
            while self._entries:
                entry = self._entries[0]
                try:
                    return entry, entry.unwritten or Outcome.unpack((self._directory / entry.name).read_bytes())
                except (OutcomeError, OSError) as error:
                    logger.warning("spool entry %s dropped: %s", entry.name, error)
                    self.dropped += 1
                    self._forget(entry)
            self.filled.clear()
            return None

    def remove(self, entry: Entry) -> None:
        """Forget an outcome that Redis has accepted, or that was dropped meanwhile."""
        with self._lock:
            self._forget(entry)

    def _found(self) -> list[Entry]:
        self._directory.mkdir(parents=True, exist_ok=True)
        found = []
        for path in sorted(self._directory.iterdir()):
            number, _, kind = path.name.partition(".")
            if number.isdecimal() and kind in (PROFILE, REPORT):
                found.append(Entry(int(number), path.stat().st_size, kind))
            elif path.name.endswith(atomic.PARTIAL):
                path.unlink()
        return found

    def _stored(self, number: int, outcome: Outcome, data: bytes) -> Entry | None:
        """The entry, on disk or in memory; None when it can be in neither."""
        entry = Entry(number, len(data), REPORT if outcome.batch is None else PROFILE)
        try:
            self._write(entry.name, data)
        except OSError as error:
            held = sum(entry.size for entry in self._entries if entry.unwritten)
            fits = held + len(data) <= self._limits.memory_bytes
            what = "stays in memory" if fits else "is dropped"
            logger.warning("spool entry %s, %s, %s: %s", entry.name, outcome, what, error)
            return Entry(number, len(data), entry.kind, outcome) if fits else None
        return entry

    def _write(self, name: str, data: bytes) -> None:
        if self._short_of_disk():
            raise OSError(f"the disk has less than {self._limits.free_bytes} bytes left")
        atomic.write(self._directory / name, data)

    def _short_of_disk(self) -> bool:
        return self._limits.free_bytes > 0 and shutil.disk_usage(self._directory).free < self._limits.free_bytes

    def _make_room(self, size: int) -> None:
        while self._entries and self.bytes + size > self._limits.bytes:
            self._drop(next((entry for entry in self._entries if entry.kind == PROFILE), self._entries[0]))
        while len(self._entries) >= self._limits.entries:
            self._drop(self._entries[0])
        while (oldest := next((one for one in self._entries if not one.unwritten), None)) and self._short_of_disk():
            self._drop(oldest)

    def _drop(self, entry: Entry) -> None:
        """Give up an entry; a run's profile leaves a failed report behind, so that its run does not look done."""
        logger.warning("spool is full: %s of %d bytes dropped", entry.name, entry.size)
        self.dropped += 1
        outcome = entry.unwritten or self._read(entry)
        place = self._entries.index(entry)
        self._forget(entry)
        if entry.kind == REPORT or outcome is None or len(self._entries) >= self._limits.entries - 1:
            return
        failed = _without_profile(outcome, self._limits.bytes)
        stored = self._stored(entry.number, failed, failed.pack()) if failed else None
        if stored is not None:
            self._add(place, stored)

    def _read(self, entry: Entry) -> Outcome | None:
        try:
            return Outcome.unpack((self._directory / entry.name).read_bytes())
        except (OutcomeError, OSError):
            return None

    def _add(self, place: int, entry: Entry) -> None:
        self._entries.insert(place, entry)
        self.bytes += entry.size

    def _forget(self, entry: Entry) -> None:
        if entry in self._entries:
            self._entries.remove(entry)
            self.bytes -= entry.size
        if entry.unwritten is None:
            (self._directory / entry.name).unlink(missing_ok=True)


def _without_profile(outcome: Outcome, limit: int) -> Outcome | None:
    """None for what is of no run."""
    if outcome.report is None:
        return None
    message = (
        f"profile of {len(outcome.batch or b'')} bytes dropped: Redis was away and the agent keeps at most {limit} "
        "bytes of unsent profiles; record again"
    )
    return Outcome(outcome.report.model_copy(update={"state": RunState.FAILED, "message": message}))
