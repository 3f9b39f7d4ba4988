"""The profile store: keep profiles, and ask for sums over many of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from profiler.core.forest import Part
from profiler.core.range_cover import DAY_MS
from profiler.store.catalog import Catalog, NewProfile, Series
from profiler.store.compactor import ROUND, Compactor
from profiler.store.deletion import delete
from profiler.store.dictionary import Dictionaries
from profiler.store.engine import Engine
from profiler.store.errors import FutureError, TooOldError, TotalError
from profiler.store.levels import merge_level
from profiler.store.objects.objects import Objects
from profiler.store.one import find
from profiler.store.question import MAX_SUM
from profiler.store.questions import Questions
from profiler.store.reading import Files, Missing
from profiler.store.retention import RAW_DAYS, expire, sweep
from profiler.store.segments import Segments
from profiler.store.stored import StoredProfile, of_hot_row

# Clocks differ by seconds; one that is an hour ahead is wrong, and its profiles would lie outside of every range.
MAX_AHEAD_MS = 3_600_000
# Nine years of CPU time in nanoseconds, a quarter of an exabyte: one that is damaged must not fill the sums of all.
MAX_TOTAL = 2**58


class Store(Questions):
    """One per process will do: it is safe to use from several threads, and after a fork."""

    def __init__(
        self, catalog: Catalog, root: Path, engine: Engine | None = None, objects: Objects | None = None
    ) -> None:
        self.catalog = catalog
        self.files = Files(root, engine or Engine(root), objects)
        self.dictionaries = Dictionaries(self.files)
        self.compactor = Compactor(catalog, self.files, self.dictionaries)
        super().__init__(catalog, self.files.engine, Segments(self.files, self.dictionaries))

    def append(self, profiles: Sequence[NewProfile], now_ms: int) -> int:
        """Keep these, in one commit: when this returns they are kept. Returns how many were not known yet.

        Raises TooOldError, FutureError, TotalError and CardinalityError; then none is kept.
        """
        check(profiles, now_ms)
        return self.catalog.append(profiles)

    def profile(self, key: int) -> StoredProfile | None:
        """One profile as it was kept; None when there is none. Raises StoreError when its samples are gone."""
        row = self.catalog.hot(key)
        if row is not None:
            return of_hot_row(row, self.catalog.subjects()[row.subject], self._series(row.subject, row.series))
        place = find(self.catalog, self.files, key)
        if place is None:
            return None
        missing = Missing()
        trie = self.dictionaries.trie(place.snapshot.segments, place.day, place.subject, missing)
        part = Part.of(trie, trie.own(np.minimum(place.stack, len(trie.leaf) - 1), place.value))

        lookup = self.lookup(place.snapshot, {}, missing)
        series = self._series(place.subject, place.series)
        return StoredProfile(self.catalog.subjects()[place.subject], series, place.ts_ms, [part], lookup)

    def delete(self, key: int) -> bool:
        """Take a profile out of every answer; False when there is none. Raises OvertakenError."""
        return self.delete_all([key]) > 0

    def delete_all(self, keys: Sequence[int]) -> int:
        """The same of several, in one pass over their days; returns how many there were."""
        self.files.claim(self.catalog)
        return delete(self.catalog, self.files, keys)

    def compact(self, limit: int = ROUND) -> int:
        """Move up to `limit` profiles into segments; returns how many: 0 when none waits. Raises OvertakenError."""
        self.files.claim(self.catalog)
        return self.compactor.compact(limit).profiles

    def merge_levels(self) -> bool:
        """One large segment of many small ones; False when there is none to make. Raises OvertakenError."""
        self.files.claim(self.catalog)
        return merge_level(self.catalog, self.files) is not None

    def expire(self, now: datetime) -> int:
        """Unlist what is past its time, delete files that nobody needs; returns how many. Raises OvertakenError."""
        count = expire(self.catalog, int(now.timestamp() * 1000) // DAY_MS)
        return count + sweep(self.catalog, self.files, now)

    def _series(self, subject: int, series: int) -> Series:
        return self.catalog.series([subject])[series]


def check(profiles: Iterable[NewProfile], now_ms: int) -> None:
    """Raises TooOldError, FutureError and TotalError."""
    for profile in profiles:
        host = profile.labels.get("host", "")
        if profile.ts_ms > now_ms + MAX_AHEAD_MS:
            ahead = (profile.ts_ms - now_ms) // 1000
            raise FutureError(f"profile of host {host!r} begins in {ahead} s: set the clock of that host")
        if profile.day < now_ms // DAY_MS - RAW_DAYS:
            raise TooOldError(f"profile of host {host!r} is older than RAW_DAYS ({RAW_DAYS}): it is not kept")
        if profile.total >= MAX_TOTAL or profile.total * profile.period_ns >= MAX_SUM:
            what = f"profile of host {host!r} and service {profile.subject.service!r}"
            total = f"{profile.total} {profile.subject.unit}"
            raise TotalError(f"{what}: {total} are more than a machine can have used (MAX_TOTAL): it is not kept")
