"""Segments from the local disk into an object store, and back."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from profiler.store.catalog import Catalog, Segment, day_name
from profiler.store.errors import OvertakenError, StoreError
from profiler.store.files import checksum, sync
from profiler.store.objects.objects import PREFIX, is_object
from profiler.store.places import Places

# So many change places in one commit: what was put there by one that was overtaken is put there again.
AT_ONCE = 32
# A compaction every few seconds overtakes once or twice.
ATTEMPTS = 20


@dataclass(frozen=True)
class Moved:
    """Of one day."""

    day: str
    segments: int
    bytes: int


def move(catalog: Catalog, files: Places, out: bool) -> Iterator[Moved]:
    """Have all segments in the object store (`out`) or on the local disk; tells of each day what changed.

    Others may compact, ask and delete meanwhile. A segment changes places under a new name, like one that is merged:
    what is listed is always whole, questions go on reading the old one, the sweep deletes it. It may be broken off and
    done again. Raises StoreError for a damaged one, UnavailableError, and OvertakenError when others are always faster.
    """
    if out and files.objects is None:
        raise StoreError("WEBPROF_STORE names no object store: set it to where segments shall go")
    files.claim(catalog)
    for day in catalog.days():
        moved = [segment for some in _of_day(catalog, files, day, out) for segment in some]
        if moved:
            yield Moved(day_name(day), len(moved), sum(segment.bytes for segment in moved))


def _of_day(catalog: Catalog, files: Places, day: int, out: bool) -> Iterator[Sequence[Segment]]:
    attempts = 0
    while True:
        snapshot = catalog.snapshot(day, day, ())
        some = [segment for segment in snapshot.segments if is_object(segment.path) != out][:AT_ONCE]
        if not some:
            return
        try:
            copies = _copied(files, some, out)
            files.commit(catalog, snapshot.generation, add=copies, remove=[segment.id for segment in some])
        except OvertakenError:
            attempts += 1
            if attempts == ATTEMPTS:
                raise
            continue
        attempts = 0
        yield copies


def _copied(files: Places, segments: Sequence[Segment], out: bool) -> list[Segment]:
    """The same content under new names, where `commit` takes it from."""
    copies = []
    with files.using(segments):
        for segment in segments:
            source = files.path(segment)
            if checksum(source) != segment.crc32:
                raise StoreError(f"segment {segment.path} is damaged: run `manage.py store check --repair`")
            path = f"{day_name(segment.day)}/{segment.kind}-{uuid4().hex}.parquet"
            target = files.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            # Both names are of one file, which never changes. It must look new: the sweep takes old ones nobody lists.
            os.utime(source)
            os.link(source, target)
            for one in (target, target.parent, files.root):
                sync(one)
            copies.append(replace(segment, id=0, path=PREFIX + path if out else path))
    return copies
