"""What the store asks of a database: small rows, in transactions. `profiler/catalog` gives it with Django's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from profiler.core.range_cover import DAY_MS

SERVICE, HOST = "service", "host"
# One subject with more series than this has a label that is no label, such as a request's id.
MAX_SERIES = 20_000
MAX_SUBJECTS = 100_000


class Subject(NamedTuple):
    """What values are of: only those of one kind and unit can be added. Each has a dictionary of stacks per day."""

    service: str
    kind: str
    unit: str


@dataclass(frozen=True)
class Series:
    """Profiles with the same labels and period. `labels` has the service and the host too.

    `period_ns`: the CPU time that each counted sample stands for; 0 when values are no samples, or nobody knows.
    """

    id: int
    subject: int
    labels: Mapping[str, str]
    period_ns: int = 0


@dataclass(frozen=True)
class NewProfile:
    """One service's part of a profile, to be kept. `key` is its number (identity.key_hash of id and service).

    `ts_ms` is Unix time of its start, `stacks` how many distinct ones it has, `data` what `store/hot.py` packs.
    `profile` is key_hash of the profile's id: what all its services have in common. `period_ns` as in Series.
    """

    key: int
    subject: Subject
    labels: Mapping[str, str]
    ts_ms: int
    duration_ms: int
    total: int
    stacks: int
    data: bytes
    profile: int = 0
    period_ns: int = 0

    @property
    def day(self) -> int:
        return self.ts_ms // DAY_MS


@dataclass(frozen=True)
class HotRow:
    """A kept profile that is in no segment yet. `batch`: that it is on its way to a server in; 0: it waits."""

    id: int
    key: int
    subject: int
    series: int
    ts_ms: int
    duration_ms: int
    total: int
    stacks: int
    data: bytes
    batch: int = 0


@dataclass(frozen=True)
class Segment:
    """A Parquet file, named once and never changed. Times are Unix ms, both ends included; `id` 0: not listed yet.

    `path` is below the store's directory, or below `objects/` in an object store.
    """

    kind: str
    day: int
    level: int
    path: str
    t_min: int
    t_max: int
    subject_min: int
    subject_max: int
    rows: int
    bytes: int
    crc32: int
    id: int = 0


@dataclass(frozen=True)
class Snapshot:
    """All that was kept at one moment: no profile is missing between hot rows and segments, none is in both."""

    generation: int
    segments: Sequence[Segment]
    hot: Sequence[HotRow]


class ReadableCatalog(Protocol):
    """What questions need of a catalog."""

    def subjects(self) -> Mapping[int, Subject]: ...

    def series(self, subjects: Iterable[int]) -> Mapping[int, Series]: ...

    def snapshot(self, first_day: int, last_day: int, subjects: Iterable[int] | None = None) -> Snapshot:
        """Segments and hot rows of these days, both included; hot rows of these subjects only, when given."""


class Catalog(ReadableCatalog, Protocol):
    """Every method is a transaction of its own. Raises the database's errors; what was not committed did not happen."""

    def append(self, profiles: Sequence[NewProfile]) -> int:
        """Keep these; known keys are left out. Returns how many were new. Raises CardinalityError."""

    def oldest_hot(self, limit: int) -> Snapshot:
        """The first `limit` hot rows with the segments of their days."""

    def twin(self, series: int, number: int) -> int:
        """The series with the same labels that is this one's twin of that number (twins.py); made if need be."""

    def claim(self, generation: int, rows: Sequence[HotRow], batch: int) -> None:
        """These hot rows, of these series, are a batch until `commit` drops them. Raises OvertakenError."""

    def claimed(self) -> Snapshot:
        """The hot rows of the batch that was claimed and not committed, if there is one; the segments of its days."""

    def generation(self) -> int:
        """Counts the changes of segments and hot rows, except appended ones."""

    def day_of(self, key: int) -> int | None:
        """The day of a profile that was kept."""

    def settled(self, day: int) -> int:
        """How many profiles of a day were kept and do not wait any more, those that were deleted since with them."""

    def hot(self, key: int) -> HotRow | None:
        """The hot row of a profile, if there is one."""

    def delete_hot(self, key: int) -> int:
        """Drop the hot row of a profile, if there is one; returns how many there were."""

    def days(self) -> Sequence[int]:
        """Days that have segments, ascending."""

    def commit(
        self, generation: int, *, add: Sequence[Segment] = (), remove: Iterable[int] = (), hot: Iterable[int] = ()
    ) -> None:
        """List segments, unlist others, drop hot rows: all or nothing. Raises OvertakenError.

        Unlisted ones stay known as files that running questions may still read.
        """

    def forget_seen(self, before_day: int) -> int:
        """Keys of older days need not be known any more: such profiles are refused."""

    def unlisted(self, before: datetime) -> Mapping[int, str]:
        """Id → path of segments that were unlisted before that moment."""

    def drop_unlisted(self, ids: Iterable[int]) -> None: ...

    def identity(self) -> str:
        """What tells this catalog from all others; the same for ever."""

    def known_paths(self) -> set[str]:
        """Of all segments, unlisted ones too."""


def day_name(day: int) -> str:
    """`2026-11-22` of a number of days since 1970."""
    return datetime.fromtimestamp(day * DAY_MS / 1000, UTC).strftime("%Y-%m-%d")
