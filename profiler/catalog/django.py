"""`store.catalog.Catalog` in Django's database: SQLite in WAL mode, or PostgreSQL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from profiler.catalog.inserting import insert
from profiler.catalog.series import SeriesNumbers, series_key, twin
from profiler.core.range_cover import DAY_MS
from profiler.models import StoreHot, StoreSeen, StoreSegment, StoreSeries, StoreState, StoreSubject
from profiler.store.catalog import HotRow, NewProfile, Segment, Series, Snapshot, Subject
from profiler.store.errors import OvertakenError

STATE = 1
# Fewer than a statement may have parameters in SQLite.
AT_ONCE = 500
# A snapshot that is overtaken this often meets a compactor gone wild; then it waits for its lock instead.
ATTEMPTS = 5
_HOT = ("id", "key", "subject", "series", "ts_ms", "duration_ms", "total", "stacks", "data", "batch")
_FACTS = ("key", "day", "ts_ms", "duration_ms", "total", "stacks", "data")
_NEW_HOT = (*_FACTS, "subject", "series", "batch")
_SEGMENT = tuple(Segment.__dataclass_fields__)


class DjangoCatalog:
    """Safe to use from several threads and processes."""

    def __init__(self) -> None:
        self._numbers = SeriesNumbers()

    def append(self, profiles: Sequence[NewProfile]) -> int:
        distinct = list({profile.key: profile for profile in profiles}.values())
        try:
            return self._append(distinct)
        except IntegrityError:
            # Another process kept one of them between our look and our commit: now it is seen.
            return self._append(distinct)

    def _append(self, profiles: Sequence[NewProfile]) -> int:
        with transaction.atomic():
            seen = _seen([profile.key for profile in profiles])
            new = [profile for profile in profiles if profile.key not in seen]
            subjects, series = self._numbers.numbered(new)
            insert(StoreSeen, ("key", "day", "profile"), [(one.key, one.day, one.profile) for one in new])
            insert(StoreHot, _NEW_HOT, [_hot(one, subjects[one.subject], series[series_key(one)]) for one in new])
            # Of the outermost transaction: what is rolled back must not be remembered.
            transaction.on_commit(lambda: self._numbers.remember(subjects, series))
        return len(new)

    def subjects(self) -> Mapping[int, Subject]:
        rows = StoreSubject.objects.values_list("id", "service", "kind", "unit")
        return {number: Subject(*subject) for number, *subject in rows}

    def series(self, subjects: Iterable[int]) -> Mapping[int, Series]:
        rows = _of(StoreSeries.objects.all(), "subject_id__in", subjects).values_list(
            "id", "subject_id", "labels", "period_ns"
        )
        return {row[0]: Series(*row) for row in rows}

    def snapshot(self, first_day: int, last_day: int, subjects: Iterable[int] | None = None) -> Snapshot:
        days = {"day__gte": first_day, "day__lte": last_day}
        hot = StoreHot.objects.filter(**days)
        if subjects is not None:
            hot = _of(hot, "subject__in", subjects)
        return _consistent(_listed().filter(**days), hot.order_by("id"))

    def oldest_hot(self, limit: int) -> Snapshot:
        return self._with_days(StoreHot.objects.order_by("id")[:limit])

    def twin(self, series: int, number: int) -> int:
        return twin(series, number)

    def claim(self, generation: int, rows: Sequence[HotRow], batch: int) -> None:
        with transaction.atomic():
            _count_up(generation)
            for ids in _batched(row.id for row in rows):
                StoreHot.objects.filter(pk__in=ids).update(batch=batch)
            known = dict(StoreHot.objects.filter(batch=batch).values_list("pk", "series"))
            for row in rows:
                if row.series != known[row.id]:
                    StoreHot.objects.filter(pk=row.id).update(series=row.series)

    def claimed(self) -> Snapshot:
        return self._with_days(StoreHot.objects.exclude(batch=0).order_by("id"))

    def generation(self) -> int:
        return _generation()

    def _with_days(self, hot: "QuerySet[StoreHot]") -> Snapshot:
        days = set(hot.values_list("ts_ms", flat=True))
        # More hot rows may come between; the oldest stay the oldest, as ids only grow.
        found = _consistent(_listed().filter(day__in={ts // DAY_MS for ts in days}), hot)
        known = {ts // DAY_MS for ts in days}
        return Snapshot(found.generation, found.segments, [row for row in found.hot if row.ts_ms // DAY_MS in known])

    def day_of(self, key: int) -> int | None:
        return StoreSeen.objects.filter(pk=key).values_list("day", flat=True).first()

    def settled(self, day: int) -> int:
        return StoreSeen.objects.filter(day=day).count() - StoreHot.objects.filter(day=day).count()

    def hot(self, key: int) -> HotRow | None:
        return next((_hot_row(row) for row in StoreHot.objects.filter(key=key).values(*_HOT)), None)

    def delete_hot(self, key: int) -> int:
        _generation()
        with transaction.atomic():
            # In the order of a compaction's commit: the other way round each would wait for the other.
            StoreState.objects.select_for_update().get(pk=STATE)
            deleted = StoreHot.objects.filter(key=key).delete()[0]
            if deleted:
                # A compaction that has read it must not write it.
                StoreState.objects.filter(pk=STATE).update(generation=F("generation") + 1)
        return deleted

    def days(self) -> Sequence[int]:
        return sorted(set(_listed().values_list("day", flat=True)))

    def commit(
        self, generation: int, *, add: Sequence[Segment] = (), remove: Iterable[int] = (), hot: Iterable[int] = ()
    ) -> None:
        with transaction.atomic():
            _count_up(generation)
            StoreSegment.objects.bulk_create([StoreSegment(**_row(segment)) for segment in add])
            for ids in _batched(remove):
                _listed().filter(pk__in=ids).update(unlisted_at=timezone.now())
            for ids in _batched(hot):
                StoreHot.objects.filter(pk__in=ids).delete()

    def forget_seen(self, before_day: int) -> int:
        return StoreSeen.objects.filter(day__lt=before_day).delete()[0]

    def unlisted(self, before: datetime) -> Mapping[int, str]:
        return dict(StoreSegment.objects.filter(unlisted_at__lt=before).values_list("pk", "path"))

    def drop_unlisted(self, ids: Iterable[int]) -> None:
        for some in _batched(ids):
            StoreSegment.objects.filter(pk__in=some, unlisted_at__isnull=False).delete()

    def identity(self) -> str:
        _generation()
        # Of several processes that ask first, one is written and all read it.
        StoreState.objects.filter(pk=STATE, identity="").update(identity=uuid4().hex)
        return StoreState.objects.get(pk=STATE).identity

    def known_paths(self) -> set[str]:
        return set(StoreSegment.objects.values_list("path", flat=True))


def _hot(profile: NewProfile, subject: int, series: int) -> tuple[Any, ...]:
    waits = 0
    return (*(getattr(profile, name) for name in _FACTS), subject, series, waits)


def _row(segment: Segment) -> dict[str, Any]:
    row = asdict(segment)
    del row["id"]
    return row


def _seen(keys: Sequence[int]) -> set[int]:
    return {
        key for some in _batched(keys) for key in StoreSeen.objects.filter(pk__in=some).values_list("pk", flat=True)
    }


def _listed() -> QuerySet[StoreSegment]:
    return StoreSegment.objects.filter(unlisted_at__isnull=True)


def _of(rows: "QuerySet[Any]", name: str, values: Iterable[int]) -> "QuerySet[Any]":
    """Rows with one of these values; all rows, to be chosen from by the caller, when there are too many to name."""
    wanted = list(values)
    return rows.filter(**{name: wanted}) if len(wanted) <= AT_ONCE else rows


def _batched(values: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(values)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def _consistent(segments: "QuerySet[StoreSegment]", hot: "QuerySet[StoreHot]") -> Snapshot:
    """Read between two looks at the generation; a compaction in between means again. No lock is taken for it."""
    for _ in range(ATTEMPTS):
        before = _generation()
        snapshot = _read(before, segments, hot)
        if _generation() == before:
            return snapshot
    with transaction.atomic():
        state = StoreState.objects.select_for_update().get(pk=STATE)
        return _read(state.generation, segments, hot)


def _read(generation: int, segments: "QuerySet[StoreSegment]", hot: "QuerySet[StoreHot]") -> Snapshot:
    rows = [_hot_row(row) for row in hot.values(*_HOT)]
    return Snapshot(generation, [Segment(**row) for row in segments.values(*_SEGMENT)], rows)


def _hot_row(row: dict[str, Any]) -> HotRow:
    return HotRow(**{**row, "data": bytes(row["data"])})


def _count_up(generation: int) -> None:
    """Within the transaction of a change."""
    if not StoreState.objects.filter(pk=STATE, generation=generation).update(generation=F("generation") + 1):
        raise OvertakenError("the catalog was changed meanwhile by another compaction or deletion")


def _generation() -> int:
    found = StoreState.objects.filter(pk=STATE).values_list("generation", flat=True).first()
    return StoreState.objects.get_or_create(pk=STATE)[0].generation if found is None else found
