"""Where segments are: in a directory of the local disk, or in an object store with copies in a local cache."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from profiler.store.catalog import Catalog, Segment
from profiler.store.errors import OvertakenError, StoreError, UnavailableError
from profiler.store.files import write_segment
from profiler.store.objects.objects import PREFIX, Objects, Problem, is_object

log = logging.getLogger(__name__)
NOT_SET = Problem(
    "it is kept in an object store: set WEBPROF_STORE to where that is, or move it here (`manage.py store move local`)",
    unavailable=True,
)


@dataclass
class Missing:
    """What an answer lacks: segments, by their paths, and precision: steps that the range was widened to (0: none).

    `tiers` are the kinds of segments that it was put together from. `unavailable`: why an object store did not give
    what it may well have; empty when it did.
    """

    paths: set[str] = field(default_factory=set)
    rounded_ms: int = 0
    tiers: set[str] = field(default_factory=set)
    unavailable: str = ""

    def add(self, segment: Segment, problem: Problem) -> None:
        """One more that can't be read."""
        self.paths.add(segment.path)
        if problem.unavailable:
            self.unavailable = problem.why
            log.error("segment %s can't be read now: %s", segment.path, problem.why)
        else:
            log.error("segment %s can't be read (%s): run `manage.py store check`", segment.path, problem.why)

    def take(self, other: "Missing") -> None:
        """What something that the answer is made of lacks, it lacks too."""
        self.paths |= other.paths
        self.unavailable = self.unavailable or other.unavailable

    def check(self, text: str) -> None:
        """For who needs all of them. Raises UnavailableError when it may work later, else StoreError with that text."""
        if self.unavailable:
            raise UnavailableError(self.unavailable)
        if self.paths:
            raise StoreError(text)


class Places:
    """Paths of the catalog and the files that they stand for."""

    def __init__(self, root: Path, objects: Objects | None = None) -> None:
        self.root, self.objects = root, objects

    def claim(self, catalog: Catalog) -> None:
        """Before anything is changed: a wrong place looks as if everything were lost. Raises StoreError."""
        if self.objects is not None:
            self.objects.claim(catalog)

    def path(self, segment: Segment) -> Path:
        """The file that is read; of an object, its copy."""
        if self.objects is not None and is_object(segment.path):
            return self.objects.path(segment.path)
        return self.root / segment.path

    def write(self, kind: str, day: int, level: int, batches: Iterable[pa.Table]) -> Segment | None:
        """Write tables of SCHEMAS[kind], already in order; None for no row. `commit` puts it where it is kept."""
        written = write_segment(self.root, kind, day, level, batches)
        return replace(written, path=PREFIX + written.path) if written and self.objects else written

    def commit(
        self,
        catalog: Catalog,
        generation: int,
        *,
        add: Sequence[Segment],
        remove: Iterable[int] = (),
        hot: Iterable[int] = (),
    ) -> None:
        """`Catalog.commit`, when what was written is where it is kept. Raises what that does, and UnavailableError."""
        mine = [segment.path for segment in add if is_object(segment.path)]
        self._put(catalog, mine)
        try:
            catalog.commit(generation, add=add, remove=remove, hot=hot)
        except OvertakenError:
            # After other errors nobody knows whether it was committed; then the sweep decides.
            if self.objects is not None:
                with suppress(UnavailableError):
                    self.objects.remove(mine)
            raise

    def _put(self, catalog: Catalog, paths: Sequence[str]) -> None:
        if self.objects is None or not paths:
            return
        written = {path: self.root / path.removeprefix(PREFIX) for path in paths}
        try:
            self.claim(catalog)
            self.objects.put(written)
        except BaseException:
            # Else a store that takes nothing would fill the disk, round by round.
            for file in written.values():
                file.unlink(missing_ok=True)
            raise

    def remove(self, paths: Iterable[str]) -> None:
        """Delete these for good; they may be gone already. Raises UnavailableError."""
        paths = list(paths)
        for path in paths:
            if not is_object(path):
                (self.root / path).unlink(missing_ok=True)
        if self.objects is not None:
            self.objects.remove(path for path in paths if is_object(path))

    @contextmanager
    def using(self, segments: Sequence[Segment]) -> Iterator[list[str]]:
        """Names of files of these, all of them, for the engine to read.

        Raises StoreError, UnavailableError, and OvertakenError when a copy was evicted meanwhile.
        """
        missing = Missing()
        with self.present(segments, missing) as present:
            missing.check(f"segment {min(missing.paths, default='')} is missing: run `manage.py store check --repair`")
            paths = [self.path(segment) for segment in present]
            try:
                yield [str(path) for path in paths]
            except duckdb.Error as error:
                if not all(path.exists() for path in paths):
                    raise OvertakenError(f"segments left the cache while they were read: {error}") from error
                raise

    @contextmanager
    def present(self, segments: Sequence[Segment], missing: Missing) -> Iterator[list[Segment]]:
        """Those that can be read, the copies of objects among them fetched; the others are told to `missing`."""
        here = [segment for segment in segments if not is_object(segment.path)]
        far = [segment for segment in segments if is_object(segment.path)]
        problems = {one.path: Problem("it is not there") for one in here if not (self.root / one.path).exists()}
        if self.objects is None or not far:
            problems |= dict.fromkeys((one.path for one in far), NOT_SET)
            yield self._without(segments, problems, missing)
        else:
            with self.objects.using(far) as unreachable:
                yield self._without(segments, problems | dict(unreachable), missing)

    def _without(self, segments: Sequence[Segment], problems: dict[str, Problem], missing: Missing) -> list[Segment]:
        for segment in segments:
            if segment.path in problems:
                missing.add(segment, problems[segment.path])
        return [segment for segment in segments if segment.path not in problems]
