"""One profile of the store: to be looked at, or to be deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from profiler.core.profile import Int64s
from profiler.store.catalog import Catalog, Segment, Snapshot
from profiler.store.dictionary import of_kind
from profiler.store.errors import StoreError
from profiler.store.files import write_segment
from profiler.store.kinds import HEADERS, ORDER, RAW, SCHEMAS, TIERS
from profiler.store.reading import FILES, Files, Missing


@dataclass(frozen=True)
class Place:
    """Where a compacted profile is: `stack` and `value` are its raw rows."""

    snapshot: Snapshot
    day: int
    subject: int
    series: int
    ts_ms: int
    stack: Int64s
    value: Int64s


def find(catalog: Catalog, files: Files, key: int) -> Place | None:
    """Where the profile is; None when it is hot, or unknown. Raises StoreError when its samples are past their time."""
    day = catalog.day_of(key)
    if day is None:
        return None
    snapshot = catalog.snapshot(day, day, ())
    damaged = Missing()
    sql = f"SELECT subject, ts, series FROM read_parquet({FILES}) WHERE key = ?"  # noqa: S608 our own names
    header = files.ask(of_kind(snapshot.segments, HEADERS, day), sql, [key], damaged)
    if header is None or not len(header["ts"]):
        return None
    subject, ts_ms, series = (int(header[name][0]) for name in ("subject", "ts", "series"))
    where = "WHERE subject = ? AND ts = ? AND series = ?"
    sql = f"SELECT key FROM read_parquet({FILES}) {where}"  # noqa: S608
    same = files.ask(of_kind(snapshot.segments, HEADERS, day), sql, [subject, ts_ms, series], damaged)
    if same is not None and len(same["key"]) > 1:
        raise StoreError(
            f"profile {key}: another of its series began in the same millisecond; they can't be told apart"
        )
    sql = f"SELECT stack, value FROM read_parquet({FILES}) {where} ORDER BY stack"  # noqa: S608
    rows = files.ask(of_kind(snapshot.segments, RAW.kind, day), sql, [subject, ts_ms, series], damaged)
    if rows is None or damaged.paths:
        raise StoreError(f"profile {key}: its samples are not there: too old, or a segment is damaged")
    return Place(snapshot, day, subject, series, ts_ms, rows["stack"], rows["value"])


def delete(catalog: Catalog, files: Files, key: int) -> bool:
    """Take a profile out of everything; False when there is none. Its key stays seen, so that it does not come back.

    Raises OvertakenError and StoreError; then nothing has changed.
    """
    if catalog.delete_hot(key):
        return True
    place = find(catalog, files, key)
    if place is None:
        return False
    replaced = [
        segment
        for kind in (RAW.kind, HEADERS)
        for segment in of_kind(place.snapshot.segments, kind, place.day, place.subject)
        if segment.t_min <= place.ts_ms <= segment.t_max
    ]
    rest = [_without(files, segment, place) for segment in replaced]
    added = [segment for segment in (*rest, *_corrections(files, place)) if segment is not None]
    catalog.commit(place.snapshot.generation, add=added, remove=[segment.id for segment in replaced])
    return True


def _without(files: Files, segment: Segment, place: Place) -> Segment | None:
    others = "SELECT * FROM read_parquet(?) WHERE NOT (subject = ? AND ts = ? AND series = ?)"
    sql = f"{others} ORDER BY {', '.join(ORDER[segment.kind])}"
    parameters = [[str(files.root / segment.path)], place.subject, place.ts_ms, place.series]
    batches = files.engine.batches(sql, parameters)
    return write_segment(files.root, segment.kind, segment.day, segment.level, batches)


def _corrections(files: Files, place: Place) -> Sequence[Segment | None]:
    """Rollups are sums: taking away is adding the negative."""
    count = len(place.stack)
    written = []
    for tier in TIERS[1:]:
        same = {"subject": place.subject, "ts": place.ts_ms - place.ts_ms % tier.step_ms, "series": place.series}
        columns = {name: [value] * count for name, value in same.items() if name in tier.columns}
        columns |= {"stack": place.stack.tolist(), "value": (-place.value).tolist()}
        table = pa.table({name: columns[name] for name in SCHEMAS[tier.kind].names})
        written.append(write_segment(files.root, tier.kind, place.day, 0, [table]))
    return written
