"""What is kept how long, and the files that nobody needs any more."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from profiler.store.catalog import Catalog
from profiler.store.files import UNFINISHED
from profiler.store.kinds import DAY, DICTIONARY, HEADERS, HOUR, LOSSES, RAW, TEN_MINUTES, TIMES

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


def sweep(catalog: Catalog, root: Path, now: datetime) -> int:
    """Delete files of segments that were unlisted a while ago, and those that belong to nobody. Returns how many."""
    gone = catalog.unlisted(now - GRACE)
    for path in gone.values():
        (root / path).unlink(missing_ok=True)
    catalog.drop_unlisted(gone)
    orphans = unknown_files(catalog, root, time.time() - ABANDONED_S)
    for path in orphans:
        (root / path).unlink(missing_ok=True)
    for folder in root.glob("????-??-??"):
        if not any(folder.iterdir()):
            folder.rmdir()
    return len(gone) + len(orphans)


def unknown_files(catalog: Catalog, root: Path, before_s: float) -> list[str]:
    """Files of segments, whole or not, that the catalog doesn't know and that are older than that (Unix seconds)."""
    found = {
        str(path.relative_to(root)): path.stat().st_mtime
        for pattern in ("*.parquet", f"*{UNFINISHED}")
        for path in root.glob(f"????-??-??/{pattern}")
    }
    # After the files: one that is listed meanwhile must not look unknown.
    known = catalog.known_paths()
    return sorted(path for path, changed in found.items() if path not in known and changed < before_s)
