"""`manage.py store check`: of whichever backend this server has."""

from collections.abc import Sequence
from dataclasses import dataclass

from profiler.catalog import deletions
from profiler.models import StoreDeletion
from profiler.store.catalog import day_name
from profiler.store.check import Checked, check, repair
from profiler.store.clickhouse.check import Compared, compare
from profiler.store.clickhouse.repair import mend
from profiler.store.clickhouse.store import ClickHouseStore
from profiler.store.errors import OvertakenError
from profiler.store.protocol import ProfileStore
from profiler.store.store import Store


@dataclass(frozen=True)
class Report:
    """In words: what is wrong, what is worth knowing, and how much was looked at."""

    findings: Sequence[str]
    notes: Sequence[str]
    looked_at: str


def checked(store: ProfileStore, *, mending: bool) -> Report:
    """Raises StoreError: UnavailableError of a server that is away, OvertakenError when others changed it meanwhile."""
    if isinstance(store, ClickHouseStore):
        return _of_server(_mended(store) if mending else compare(store.catalog, store.connection))
    if not isinstance(store, Store):
        raise TypeError(f"{type(store).__name__} is no backend that can be checked")
    return _of_segments((repair if mending else check)(store.catalog, store.files))


def _mended(store: ClickHouseStore) -> Compared:
    while deletions.settle(store):
        pass
    found = mend(store.catalog, store.connection)
    if StoreDeletion.objects.exists():
        raise OvertakenError("a recording was deleted meanwhile: do it again")
    return found


def _of_server(found: Compared) -> Report:
    notes = [
        f"{count} profiles of {day_name(day)} came in and are not there: deleted, or lost"
        for day, count in found.absent.items()
    ]
    return Report([str(each) for each in found.differences], notes, f"{found.days} days")


def _of_segments(found: Checked) -> Report:
    notes = [f"{path}: belongs to no segment; the next clean-up deletes it" for path in found.orphans]
    words = f"{found.segments} segments, {len(found.orphans)} files that belong to none"
    return Report([str(each) for each in found.findings], notes, words)
