"""Whether the server holds what the catalog says.

Every profile is there several times: its total in a header, its samples, rollups of them. Where these do not say the
same, something was lost. Sums are compared, and sums weighted by stack: values of a wrong stack show too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from profiler.core.range_cover import DAY_MS
from profiler.store.catalog import Catalog, Segment, Subject, day_name
from profiler.store.clickhouse.connection import Connection
from profiler.store.clickhouse.schema import EPOCH_DAYS
from profiler.store.errors import OvertakenError
from profiler.store.kinds import FRAMES, HEADERS, NODES, TIERS

# Batches that begin and end while sums are compared; then they are compared again.
ATTEMPTS = 5
# A prime below 2^16: weighted values of a day stay far from 2^63.
WEIGHTS = 65_521
# By subject: sum of values, and weighted.
Sums = Mapping[int, tuple[int, int]]
NOTHING = (0, 0)


@dataclass(frozen=True)
class Difference:
    """Rows of one kind, day and subject that are not as they should be, and what became of it; `subject` 0: of all.

    `made_of`: the kind that a rollup can be put right with; empty: what is wrong can't be had again.
    """

    kind: str
    day: int
    subject: int
    of: str
    problem: str
    made_of: str = ""
    repair: str = field(default="", compare=False)

    def __str__(self) -> str:
        done = f"; {self.repair}" if self.repair else ""
        return f"{self.kind} of {day_name(self.day)}{self.of}: {self.problem}{done}"


@dataclass(frozen=True)
class Compared:
    """`absent`: profiles that came in and are not there, by day: deleted by somebody, or lost with all that tells."""

    days: int
    differences: Sequence[Difference]
    absent: Mapping[int, int]


def compare(catalog: Catalog, connection: Connection) -> Compared:
    """Add up what every table has, day by day. Changes nothing. Raises OvertakenError and UnavailableError."""
    for _ in range(ATTEMPTS):
        before = catalog.generation()
        if not catalog.claimed().hot:
            found = _compared(catalog, connection)
            if catalog.generation() == before:
                return found
    raise OvertakenError("batches were sent while sums were compared: do it again, or stop the worker first")


def _compared(catalog: Catalog, connection: Connection) -> Compared:
    subjects, days = catalog.subjects(), catalog.days()
    found: list[Difference] = []
    absent: dict[int, int] = {}
    for day in days:
        segments = catalog.snapshot(day, day, ()).segments
        found += _of_day(connection, segments, day, subjects)
        kept, there = catalog.settled(day), _headers(connection, segments, day)
        if kept and not there:
            found.append(Difference(HEADERS, day, 0, "", f"none is there of {kept} profiles that came in"))
        elif kept > there:
            absent[day] = kept - there
    return Compared(len(days), [*found, *_nameless(connection, days)], absent)


def _of_day(
    connection: Connection, segments: Sequence[Segment], day: int, subjects: Mapping[int, Subject]
) -> Iterator[Difference]:
    listed = {segment.kind for segment in segments}
    tiers = {tier.kind: _sums(connection, tier.kind, day) for tier in TIERS if tier.kind in listed}
    totals = _totals(connection, day) if HEADERS in listed else None
    for subject in sorted({*(totals or ()), *(number for sums in tiers.values() for number in sums)}):
        of = f" ({subjects[subject].service})" if subject in subjects else ""
        told = {kind: sums.get(subject, NOTHING) for kind, sums in tiers.items()}
        total = None if totals is None else totals.get(subject, 0)
        yield from (Difference(kind, day, subject, of, *rest) for kind, *rest in _wrong(told, total))


def _wrong(told: Mapping[str, tuple[int, int]], total: int | None) -> Iterator[tuple[str, str, str]]:
    """Kind, problem and what it can be made of. `told` is in the order of the tiers: the others are made of the first.

    Headers are wrong where all tiers say the same and they do not.
    """
    if not told:
        return
    base, *rest = told
    if total in (None, told[base][0]):
        yield from ((kind, _says(told[kind], told[base], base), base) for kind in rest if told[kind] != told[base])
    elif all(sums == told[base] for sums in told.values()):
        yield HEADERS, f"values are {total}, {base} has {told[base][0]}", ""
    else:
        yield from ((k, f"values are {v}, headers have {total}", "") for k, (v, _) in told.items() if v != total)


def _says(this: tuple[int, int], right: tuple[int, int], base: str) -> str:
    if this[0] != right[0]:
        return f"values are {this[0]}, {base} has {right[0]}"
    return f"values are those of {base}, but of other stacks"


def _sums(connection: Connection, kind: str, day: int) -> Sums:
    found = connection.query(
        f"SELECT subject, sum(value) AS n, sum(value * toInt64(stack % {WEIGHTS})) AS weighted "  # noqa: S608
        f"FROM {connection.address.database}.{kind} WHERE {within(day)} GROUP BY subject"
    )
    values = zip(found["n"].tolist(), found["weighted"].tolist(), strict=True)
    return dict(zip(found["subject"].tolist(), values, strict=True))


def _totals(connection: Connection, day: int) -> Mapping[int, int]:
    sql = f"SELECT subject, sum(total) AS n FROM {connection.address.database}.{HEADERS} "  # noqa: S608
    found = connection.query(f"{sql} WHERE {within(day)} GROUP BY subject")
    return dict(zip(found["subject"].tolist(), found["n"].tolist(), strict=True))


def _headers(connection: Connection, segments: Sequence[Segment], day: int) -> int:
    if HEADERS not in {segment.kind for segment in segments}:
        return 0
    sql = f"SELECT count() AS n FROM {connection.address.database}.{HEADERS} WHERE {within(day)}"  # noqa: S608
    return int(connection.query(sql)["n"][0])


def _nameless(connection: Connection, days: Sequence[int]) -> Iterator[Difference]:
    """Stacks whose way to the root is broken, and functions without a name, by epoch."""
    database = connection.address.database
    for epoch in sorted({day // EPOCH_DAYS for day in days}):
        first, last = epoch * EPOCH_DAYS, (epoch + 1) * EPOCH_DAYS
        nodes = f"{database}.{NODES} WHERE epoch = {epoch}"
        day_sums = f"{database}.r1d WHERE ts >= {first * DAY_MS} AND ts < {last * DAY_MS} AND value != 0"
        stacks, frames = (f"SELECT subject, stack FROM {nodes}", f"SELECT hash FROM {database}.{FRAMES} WHERE epoch = {epoch}")  # noqa: S608, E501  # fmt: skip
        for kind, what, table, key, known in (
            (NODES, "stacks have no path", day_sums, "subject, stack", stacks),
            (NODES, "stacks hang in the air", f"{nodes} AND parent != 0", "subject, parent", stacks),
            (FRAMES, "functions have no name", nodes, "frame", frames),
        ):
            sql = f"SELECT uniqExact({key}) AS n FROM {table} AND ({key}) GLOBAL NOT IN ({known})"  # noqa: S608
            if count := int(connection.query(sql)["n"][0]):
                yield Difference(kind, first, 0, f" and {EPOCH_DAYS - 1} days more", f"{count} {what}")


def within(day: int) -> str:
    """SQL for the rows of a day."""
    return f"ts >= {day * DAY_MS} AND ts < {(day + 1) * DAY_MS}"
