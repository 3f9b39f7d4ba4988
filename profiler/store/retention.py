"""What is kept how long, and the files that nobody needs any more."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from profiler.store.catalog import Catalog
from profiler.store.files import UNFINISHED
from profiler.store.kinds import DAY, DICTIONARY, HEADERS, HOUR, LOSSES, RAW, TEN_MINUTES, TIMES
from profiler.store.objects.objects import is_object
from profiler.store.objects.sweep import sweep_objects
from profiler.store.places import Places

RAW_DAYS = 14
# Two to three bytes per sample and time are more than all else together: for what happened yesterday.
TIMES_DAYS = 2
KEPT_DAYS: Mapping[str, int] = {
    RAW.kind: RAW_DAYS,
    TEN_MINUTES.kind: RAW_DAYS,
    HOUR.kind: 90,
    HEADERS: 90,
    LOSSES: 90,
    TIMES: TIMES_DAYS,
    DAY.kind: 366,
    # Sums without names say nothing: a dictionary goes with the last of them.
    **dict.fromkeys(DICTIONARY, 366),
}
# A question reads for seconds; its files stay for minutes after they were replaced.
GRACE = timedelta(minutes=10)
# Older than any compaction: an unfinished file of a process that was killed.
ABANDONED_S = 3600
REMOVED_AT_ONCE = 100


def expire(catalog: Catalog, today: int, kept: Mapping[str, int] = KEPT_DAYS) -> int:
    """Unlist what is past its time; returns how many segments. Raises OvertakenError."""
    count = 0
    for day in catalog.days():
        if day >= today - min(kept.values()):
            continue
        snapshot = catalog.snapshot(day, day, ())
        old = [segment.id for segment in snapshot.segments if day < today - kept[segment.kind]]
        if old:
            catalog.commit(snapshot.generation, remove=old)
            count += len(old)
    # Profiles of these days are refused as too old; a day more, for those that are on their way.
    catalog.forget_seen(today - RAW_DAYS - 1)
    return count


def sweep(catalog: Catalog, files: Places, now: datetime) -> int:
    """Delete files of segments that were unlisted a while ago, and those that belong to nobody. Returns how many.

    Raises UnavailableError when an object store does not do it, StoreError when it lacks what the catalog lists.
    """
    abandoned_s = time.time() - ABANDONED_S
    count = sum(_remove_unlisted(catalog, files, now))
    orphans = unknown_files(catalog, files.root, abandoned_s)
    for path in orphans:
        (files.root / path).unlink(missing_ok=True)
    for folder in files.root.glob("????-??-??"):
        with suppress(OSError):
            # Somebody may be writing there.
            folder.rmdir()
    count += len(orphans)
    return count if files.objects is None else count + sweep_objects(catalog, files.objects, abandoned_s)


def _remove_unlisted(catalog: Catalog, files: Places, now: datetime) -> Iterator[int]:
    """Some at a time, each as soon as it is gone: a store that stops answering must not make it begin anew."""
    gone = catalog.unlisted(now - GRACE)
    # Those of a store that isn't set now wait for it.
    ids = [number for number, path in gone.items() if files.objects is not None or not is_object(path)]
    for first in range(0, len(ids), REMOVED_AT_ONCE):
        some = ids[first : first + REMOVED_AT_ONCE]
        files.remove(gone[number] for number in some)
        catalog.drop_unlisted(some)
        yield len(some)


def unknown_files(catalog: Catalog, root: Path, before_s: float) -> list[str]:
    """Local files of segments, whole or not, that the catalog doesn't know and that are older (Unix seconds)."""
    found = {
        str(path.relative_to(root)): path.stat().st_mtime
        for pattern in ("*.parquet", f"*{UNFINISHED}")
        for path in root.glob(f"????-??-??/{pattern}")
    }
    # After the files: one that is listed meanwhile must not look unknown.
    known = catalog.known_paths()
    return sorted(path for path, changed in found.items() if path not in known and changed < before_s)
