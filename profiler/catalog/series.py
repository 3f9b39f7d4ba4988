"""Numbers of subjects and series: made at the first profile, remembered per process."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import TypeVar

from profiler.core.identity import key_hash
from profiler.models import StoreSeries, StoreSubject
from profiler.store.catalog import HOST, MAX_SERIES, MAX_SUBJECTS, SERVICE, NewProfile, Subject
from profiler.store.errors import CardinalityError

K = TypeVar("K")
# A host's restart gives new series; a process that runs for weeks starts over rather than grow.
REMEMBERED = 200_000


class SeriesNumbers:
    """`numbered` belongs into the transaction that keeps the profiles, `remember` after its commit."""

    def __init__(self) -> None:
        self._subjects: dict[Subject, int] = {}
        self._series: dict[int, int] = {}
        self._lock = Lock()

    def numbered(self, profiles: Sequence[NewProfile]) -> tuple[dict[Subject, int], dict[int, int]]:
        """Subject → id, and series key → id, of all these. Raises CardinalityError."""
        subjects = {profile.subject for profile in profiles}
        subject_ids = _with_new(subjects, self._subjects, _subject)
        labels = {series_key(profile): (subject_ids[profile.subject], profile) for profile in profiles}
        series_ids = _with_new(labels, self._series, lambda key: _series(key, *labels[key]))
        return subject_ids, series_ids

    def remember(self, subjects: Mapping[Subject, int], series: Mapping[int, int]) -> None:
        with self._lock:
            if len(self._series) > REMEMBERED:
                self._series, self._subjects = {}, {}
            self._subjects |= subjects
            self._series |= series


def series_key(profile: NewProfile) -> int:
    period = (str(profile.period_ns),) if profile.period_ns else ()
    return key_hash(*profile.subject, json.dumps(profile.labels, sort_keys=True), *period)


def twin(series: int, number: int) -> int:
    """See `Catalog.twin`. New profiles never get it by themselves: its key is of no labels."""
    own = StoreSeries.objects.get(pk=series)
    values = {"subject_id": own.subject_id, "labels": own.labels, "period_ns": own.period_ns}
    key = key_hash("twin", str(own.key), str(number))
    return StoreSeries.objects.get_or_create(key=key, defaults=values)[0].pk


def _with_new(wanted: Iterable[K], known: Mapping[K, int], make: Callable[[K], int]) -> dict[K, int]:
    return {key: known[key] if key in known else make(key) for key in wanted}


def _subject(subject: Subject) -> int:
    found = StoreSubject.objects.filter(**subject._asdict()).values_list("pk", flat=True).first()
    if found is not None:
        return found
    if StoreSubject.objects.count() >= MAX_SUBJECTS:
        raise CardinalityError(f"service {subject.service!r} would be one more than MAX_SUBJECTS ({MAX_SUBJECTS})")
    return StoreSubject.objects.get_or_create(**subject._asdict())[0].pk


def _series(key: int, subject: int, profile: NewProfile) -> int:
    found = StoreSeries.objects.filter(key=key).values_list("pk", flat=True).first()
    if found is not None:
        return found
    if StoreSeries.objects.filter(subject_id=subject).count() >= MAX_SERIES:
        raise CardinalityError(
            f"service {profile.subject.service!r} has MAX_SERIES ({MAX_SERIES}) sets of labels already; "
            f"label {_widest(subject)!r} has the most values: don't send it"
        )
    values = {"subject_id": subject, "labels": dict(profile.labels), "period_ns": profile.period_ns}
    return StoreSeries.objects.get_or_create(key=key, defaults=values)[0].pk


def _widest(subject: int) -> str:
    """The label with the most values."""
    values: dict[str, set[str]] = {}
    for labels in StoreSeries.objects.filter(subject_id=subject).values_list("labels", flat=True):
        for name, value in labels.items():
            values.setdefault(name, set()).add(value)
    counts = Counter({name: len(found) for name, found in values.items() if name not in (SERVICE, HOST)})
    return counts.most_common(1)[0][0] if counts else HOST
