"""Outcomes on their way to the server, oldest first, in a directory: they outlive a Redis that is away and the agent.

Every outcome goes through here, not only when Redis is away: one path, and a killed agent loses no finished profile.
"""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from profiler.agent import atomic
from profiler.agent.outcome import Outcome, OutcomeError
from profiler.core.channel import RunState

logger = logging.getLogger(__name__)

# Several of the largest batches (64 MiB), or hundreds of usual ones (under 1 MiB); never a full disk.
MAX_SPOOL_BYTES = 256 * 2**20
# Reports are a few hundred bytes; this many unsent ones mean that nobody reads them any more.
MAX_SPOOL_ENTRIES = 1000

PROFILE, REPORT = "profile", "report"


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

    def __init__(self, directory: Path, max_bytes: int = MAX_SPOOL_BYTES, max_entries: int = MAX_SPOOL_ENTRIES) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._lock = threading.RLock()
        self._entries = self._found()
        self._next = max((entry.number for entry in self._entries), default=0) + 1
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
            self._entries.append(self._stored(self._next, outcome, data))
            self._next += 1
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

    def _stored(self, number: int, outcome: Outcome, data: bytes) -> Entry:
        entry = Entry(number, len(data), REPORT if outcome.batch is None else PROFILE)
        try:
            atomic.write(self._directory / entry.name, data)
        except OSError as error:
            logger.warning("spool entry %s of run %s stays in memory: %s", entry.name, outcome.report.run, error)
            return Entry(number, len(data), entry.kind, outcome)
        return entry

    def _make_room(self, size: int) -> None:
        while self._entries and sum(entry.size for entry in self._entries) + size > self._max_bytes:
            self._drop(next((entry for entry in self._entries if entry.kind == PROFILE), self._entries[0]))
        while len(self._entries) >= self._max_entries:
            self._drop(self._entries[0])

    def _drop(self, entry: Entry) -> None:
        """Give up an entry; a profile leaves a failed report behind, so that its run does not look done."""
        logger.warning("spool is full: %s of %d bytes dropped", entry.name, entry.size)
        self.dropped += 1
        outcome = entry.unwritten or self._read(entry)
        place = self._entries.index(entry)
        self._forget(entry)
        if entry.kind == PROFILE and outcome is not None and len(self._entries) < self._max_entries - 1:
            failed = _without_profile(outcome, self._max_bytes)
            self._entries.insert(place, self._stored(entry.number, failed, failed.pack()))

    def _read(self, entry: Entry) -> Outcome | None:
        try:
            return Outcome.unpack((self._directory / entry.name).read_bytes())
        except (OutcomeError, OSError):
            return None

    def _forget(self, entry: Entry) -> None:
        if entry in self._entries:
            self._entries.remove(entry)
        if entry.unwritten is None:
            (self._directory / entry.name).unlink(missing_ok=True)


def _without_profile(outcome: Outcome, limit: int) -> Outcome:
    message = (
        f"profile of {len(outcome.batch or b'')} bytes dropped: Redis was away and the agent keeps at most {limit} "
        "bytes of unsent profiles; record again"
    )
    return Outcome(outcome.report.model_copy(update={"state": RunState.FAILED, "message": message}))
