"""Segments in an object store: put there before they are listed, fetched into a local cache before they are read."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from profiler.store.catalog import Catalog, Segment
from profiler.store.errors import StoreError, UnavailableError
from profiler.store.objects.address import ObjectAddress
from profiler.store.objects.bucket import Bucket, DamagedError
from profiler.store.objects.cache import Cache
from profiler.store.objects.workers import Workers

# Paths in the catalog begin with it: others are of the local disk.
PREFIX = "objects/"
CACHE = "cache"
DEFAULT_CACHE_BYTES = 10 * 2**30
# A person looks at the page; what comes later goes on being fetched, and is there for the next question.
FETCH_S = 20
# One round of compaction is some ten files.
PUT_S = 120
# After a store did not answer, questions say so at once for a while instead of waiting each.
PAUSE_S = 15


def is_object(path: str) -> bool:
    return path.startswith(PREFIX)


@dataclass(frozen=True)
class Problem:
    """Why a segment can't be had. `unavailable`: the store did not give it, which says nothing about the segment."""

    why: str
    unavailable: bool = False


class Objects:
    """Paths are those of the catalog. Safe to use from several threads, and after a fork."""

    def __init__(self, address: ObjectAddress, root: Path, cache_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self.bucket = Bucket(address)
        self.cache = Cache(root / CACHE, cache_bytes)
        self._workers: Workers[tuple[str, str]] = Workers()
        self._claimed = False
        self._pause_until = 0.0
        self._paused_for = ""

    def __str__(self) -> str:
        return str(self.bucket.address)

    def path(self, path: str) -> Path:
        """Where the copy is, or would be."""
        return self.cache.path(file_name(path))

    def claim(self, catalog: Catalog, again: bool = False) -> None:
        """Make sure, once, that this is that catalog's place: before anything is written or believed to be lost.

        Raises StoreError and UnavailableError.
        """
        if again or not self._claimed:
            self.bucket.claim(catalog.identity(), any(map(is_object, catalog.known_paths())))
            self._claimed = True

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def put(self, files: Mapping[str, Path]) -> None:
        """Have these files in the store, by the paths that the catalog is going to list; they become the cache's.

        Raises UnavailableError; then some may be there, which the sweep finds.
        """
        futures = [
            self._workers.start(("put", path), partial(self.bucket.put, name_of(path), file))
            for path, file in files.items()
        ]
        _, late = wait(futures, timeout=PUT_S)
        if late:
            raise UnavailableError(f"{self}: {len(late)} of {len(files)} files were not taken within PUT_S ({PUT_S} s)")
        for future in futures:
            future.result()
        for path, file in files.items():
            self.cache.adopt(file, file_name(path))
        self.cache.shrink()

    def remove(self, paths: Iterable[str]) -> None:
        """Raises UnavailableError; then some are gone."""
        futures = []
        for path in paths:
            self.cache.drop(file_name(path))
            futures.append(self._workers.start(("remove", path), partial(self.bucket.remove, name_of(path))))
        for future in futures:
            future.result()

    def put_aside(self, path: str) -> None:
        """Copy a damaged object to where the sweep leaves it. Raises UnavailableError."""
        self.bucket.put_aside(name_of(path))

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
    @contextmanager
    def using(self, segments: Sequence[Segment]) -> Iterator[Mapping[str, Problem]]:
        """Have copies of these, and keep them meanwhile; yields why some can't be had, by their paths.

        Raises StoreError when they are more than the cache may hold.
        """
        names = [file_name(segment.path) for segment in segments]
        total = sum(segment.bytes for segment in segments)
        if total > self.cache.limit:
            raise StoreError(
                f"{total / 2**30:.1f} GiB of segments are needed at once, and WEBPROF_STORE_CACHE_GIB is "
                f"{self.cache.limit / 2**30:.1f}: ask for less time, or give it more"
            )
        with self.cache.using(names):
            absent = [one for one in segments if not self.cache.has(file_name(one.path), one.bytes)]
            yield self._fetch(absent) if absent else {}

    def again(self, segment: Segment) -> Problem | None:
        """The copy could not be read: have a whole one. Raises DamagedError when it was whole: then it won't help."""
        name = file_name(segment.path)
        if self.cache.is_whole(name, segment.bytes, segment.crc32):
            raise DamagedError("its checksum is right, but it can't be read")
        self.cache.drop(name)
        return self._fetch([segment]).get(segment.path)

    def problem(self, segment: Segment) -> str:
        """What is wrong with the object, read whole; empty: nothing. Raises UnavailableError."""
        try:
            for _ in self.bucket.read(name_of(segment.path), segment.bytes, segment.crc32):
                pass
        except DamagedError as error:
            return str(error)
        return ""

    def restore(self, segment: Segment) -> bool:
        """Put the object again from the copy, if there is a whole one. Raises UnavailableError."""
        name = file_name(segment.path)
        whole = self.cache.is_whole(name, segment.bytes, segment.crc32)
        if whole:
            self.bucket.put(name_of(segment.path), self.cache.path(name))
        return whole

    def _fetch(self, segments: Sequence[Segment]) -> Mapping[str, Problem]:
        if time.monotonic() < self._pause_until:
            return {segment.path: Problem(self._paused_for, unavailable=True) for segment in segments}
        self.cache.shrink(sum(segment.bytes for segment in segments))
        futures = {self._workers.start(("get", one.path), partial(self._get, one)): one for one in segments}
        done, late = wait(futures, timeout=FETCH_S)
        problems = {futures[future].path: Problem(f"not here within FETCH_S ({FETCH_S} s)", True) for future in late}
        for future in done:
            error = future.exception()
            if error is not None:
                problems[futures[future].path] = Problem(str(error), not isinstance(error, DamagedError))
        unavailable = next((problem.why for problem in problems.values() if problem.unavailable), "")
        if unavailable:
            self._paused_for, self._pause_until = unavailable, time.monotonic() + PAUSE_S
        return problems

    def _get(self, segment: Segment) -> None:
        pieces = self.bucket.read(name_of(segment.path), segment.bytes, segment.crc32)
        self.cache.write(file_name(segment.path), pieces)


def name_of(path: str) -> str:
    """`2026-11-22/raw-….parquet`, as the store has it."""
    return path.removeprefix(PREFIX)


def file_name(path: str) -> str:
    return path.rpartition("/")[2]
