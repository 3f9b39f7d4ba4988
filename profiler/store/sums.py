"""Sums by stack out of segments and hot rows: all that a backend has to give."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from profiler.core.profile import Int64s
from profiler.core.range_cover import DAY_MS, Piece, cover
from profiler.store.catalog import HotRow, Segment, Snapshot
from profiler.store.dictionary import of_kind
from profiler.store.header_sums import HeaderSums
from profiler.store.kinds import HEADERS, LOSSES, TIERS, Tier
from profiler.store.losses import Told
from profiler.store.question import Chosen, Question
from profiler.store.reading import FILES, Files, Missing


@dataclass(frozen=True)
class Sums:
    """Rows of one day: value of a stack (dense id) of a subject in a group and bucket. A row may come in parts."""

    day: int
    subject: Int64s
    group: Int64s
    bucket: Int64s
    stack: Int64s
    value: Int64s

    def weighed(self, weight: Int64s) -> "Sums":
        """Values times the weight of their group."""
        return self if (weight == 1).all() else replace(self, value=self.value * weight[self.group])


@dataclass(frozen=True)
class Buckets:
    """Steps of time from `begin_ms`."""

    begin_ms: int
    step_ms: int

    @classmethod
    def one(cls, question: Question) -> "Buckets":
        return cls(question.begin_ms, question.end_ms - question.begin_ms)

    def of(self, ts_ms: int) -> int:
        return (ts_ms - self.begin_ms) // self.step_ms


class SumsReader:
    """Questions to the segments of a snapshot."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def stacks(
        self,
        snapshot: Snapshot,
        question: Question,
        chosen: Chosen,
        group_of: Mapping[int, int],
        buckets: Buckets,
        missing: Missing,
    ) -> Iterator[Sums]:
        """By day, subject, group, bucket and stack, from the coarsest tiers that give them."""
        for part in planned(snapshot, question, chosen, group_of, buckets, missing):
            segments = self._within(snapshot, part.tier.kind, part.day, part.piece, chosen)
            if segments:
                missing.tiers.add(part.tier.kind)
                found = self._read(segments, part, chosen, buckets, missing)
                if found is not None:
                    yield found

    def headers(
        self, snapshot: Snapshot, question: Question, group_of: Mapping[int, int], buckets: Buckets, missing: Missing
    ) -> HeaderSums | None:
        """From the rows of whole profiles; None when there are none."""
        sql = (
            f"SELECT grp, (ts - ?) // ? AS bucket, sum(total)::BIGINT AS total, count(*) AS profiles, "  # noqa: S608
            f"sum(duration_ms)::BIGINT AS duration_ms FROM read_parquet({FILES}) "
            f"JOIN groups USING (series) WHERE ts >= ? AND ts < ? GROUP BY ALL"
        )
        begin, end = question.begin_ms, question.end_ms
        parameters = [buckets.begin_ms, buckets.step_ms, begin, end]
        segments = between(of_kind(snapshot.segments, HEADERS), begin, end)
        found = self._files.ask(segments, sql, parameters, missing, groups=key_table("series", group_of))
        names = ("grp", "bucket", "total", "profiles", "duration_ms")
        return None if found is None else HeaderSums(*(found[name] for name in names))

    def losses(self, snapshot: Snapshot, question: Question, chosen: Chosen, missing: Missing) -> list[Told]:
        """What is known of the losses of all compacted profiles of a range, widened as the sums are."""
        step = max(missing.rounded_ms, 1)
        begin, end = question.begin_ms // step * step, -(-question.end_ms // step) * step
        sql = (
            f"SELECT what, reason, sum(amount)::BIGINT AS amount FROM read_parquet({FILES}) "  # noqa: S608
            f"SEMI JOIN chosen USING (series) WHERE ts >= ? AND ts < ? GROUP BY ALL"
        )
        segments = between(of_kind(snapshot.segments, LOSSES), begin, end)
        table = key_table("series", dict.fromkeys(chosen.series, 0))
        found = self._files.ask(segments, sql, [begin, end], missing, chosen=table)
        if found is None:
            return []
        return [Told(*row) for row in zip(*(found[name].tolist() for name in Told._fields), strict=True)]

    def _within(self, snapshot: Snapshot, kind: str, day: int, piece: Piece, chosen: Chosen) -> list[Segment]:
        low, high = min(chosen.subjects), max(chosen.subjects)
        return [
            segment
            for segment in between(of_kind(snapshot.segments, kind, day), piece.begin, piece.end)
            if segment.subject_min <= high and low <= segment.subject_max
        ]

    def _read(
        self, segments: Sequence[Segment], part: "Part", chosen: Chosen, buckets: Buckets, missing: Missing
    ) -> Sums | None:
        tables = {"groups": key_table(part.key, part.groups)}
        sql = _sql(part, chosen, buckets)
        found = self._files.ask(segments, sql, [part.piece.begin, part.piece.end], missing, **tables)
        if found is None or not len(found["stack"]):
            return None
        return Sums(part.day, *(found[name] for name in ("subject", "grp", "bucket", "stack", "value")))


def _sql(part: "Part", chosen: Chosen, buckets: Buckets) -> str:
    """Sums by subject, group, bucket and stack. What is the same in all rows is a constant: grouping takes time."""
    low, high = min(chosen.subjects), max(chosen.subjects)
    groups = set(part.groups.values())
    # All of one service, together: its rows need not be looked up.
    plain = low == high and chosen.whole and len(groups) == 1
    first, last = buckets.of(part.piece.begin), buckets.of(part.piece.end - 1)
    subject = f"{low} AS subject" if low == high else "subject"
    group = f"{min(groups)} AS grp" if len(groups) == 1 else "grp"
    bucket = str(first) if first == last else f"(ts - {buckets.begin_ms}) // {buckets.step_ms}"
    # Rows of a step in a bucket of its own are sums already: grouping them would be half of the work.
    apart = not part.tier.by_series and buckets.step_ms == part.tier.step_ms
    value = "value" if apart else "sum(value)::BIGINT AS value"
    # Segments are sorted by subject: its bounds let whole row groups be skipped, which a join does not.
    return (
        f"SELECT {subject}, {group}, {bucket} AS bucket, stack, {value} FROM read_parquet({FILES}) "  # noqa: S608
        f"{'' if plain else f'JOIN groups USING ({part.key})'} "
        f"WHERE subject BETWEEN {low} AND {high} AND ts >= ? AND ts < ? {'' if apart else 'GROUP BY ALL'}"
    )


@dataclass(frozen=True)
class Part:
    """A piece of a range within a day, and the tier that tells it. `groups`: by series or, of such a tier, subject."""

    day: int
    tier: Tier
    piece: Piece
    groups: Mapping[int, int]

    @property
    def key(self) -> str:
        """What `groups` are of."""
        return "series" if self.tier.by_series else "subject"


def planned(
    snapshot: Snapshot,
    question: Question,
    chosen: Chosen,
    group_of: Mapping[int, int],
    buckets: Buckets,
    missing: Missing,
) -> Iterator[Part]:
    """The range, each part of it from the coarsest tier that gives it; widened where finer ones are past their time."""
    if not chosen.series:
        return
    by_subject = _groups_of_subjects(chosen, group_of)
    tiers = [
        tier for tier in TIERS if (tier.by_series or by_subject is not None) and not _divides(tier, buckets, question)
    ]
    kinds = {tier.step_ms: tier for tier in tiers}
    first, last = question.days
    for day in range(first, last + 1):
        begin, end = max(question.begin_ms, day * DAY_MS), min(question.end_ms, (day + 1) * DAY_MS)
        present = {segment.kind for segment in snapshot.segments if segment.day == day}
        steps = sorted(step for step, tier in kinds.items() if tier.kind in present)
        if not steps:
            continue
        if begin % steps[0] or end % steps[0]:
            missing.rounded_ms = max(missing.rounded_ms, steps[0])
        begin, end = begin // steps[0] * steps[0], -(-end // steps[0]) * steps[0]
        for piece in cover(begin, end, steps):
            tier = kinds[piece.step]
            groups = by_subject if not tier.by_series and by_subject is not None else group_of
            yield Part(day, tier, piece, groups)


def by_day(all_sums: Iterable[Sums]) -> Iterator[Sums]:
    """One of each day: what came from several tiers is of the same stacks, and made into one tree faster together."""
    days: dict[int, list[Sums]] = defaultdict(list)
    for sums in all_sums:
        days[sums.day].append(sums)
    for day in list(days):
        parts = days.pop(day)
        columns = ([getattr(part, name) for part in parts] for name in ("subject", "group", "bucket", "stack", "value"))
        yield Sums(day, *(np.concatenate(column) for column in columns))


def hot_rows(snapshot: Snapshot, question: Question, chosen: Chosen) -> list[HotRow]:
    """Those of the question, which are in no segment yet."""
    return [
        row for row in snapshot.hot if row.series in chosen.series and question.begin_ms <= row.ts_ms < question.end_ms
    ]


def _groups_of_subjects(chosen: Chosen, group_of: Mapping[int, int]) -> dict[int, int] | None:
    """Group by subject, when that says the same as by series: then sums over all series will do."""
    if not chosen.whole:
        return None
    groups: dict[int, int] = {}
    for number, series in chosen.series.items():
        if groups.setdefault(series.subject, group_of[number]) != group_of[number]:
            return None
    return groups


def _divides(tier: Tier, buckets: Buckets, question: Question) -> bool:
    """Whether a bucket's edge lies within a step of the tier."""
    one_bucket = buckets.step_ms >= question.end_ms - question.begin_ms
    return not one_bucket and bool(buckets.step_ms % tier.step_ms or buckets.begin_ms % tier.step_ms)


def between(segments: Iterable[Segment], begin_ms: int, end_ms: int) -> list[Segment]:
    """Those that may have rows of that time."""
    return [segment for segment in segments if segment.t_min < end_ms and begin_ms <= segment.t_max]


def key_table(key: str, groups: Mapping[int, int]) -> pa.Table:
    """Subjects or series to join with, and the group of each."""
    return pa.table({key: pa.array(groups.keys(), pa.int32()), "grp": pa.array(groups.values(), pa.int32())})
