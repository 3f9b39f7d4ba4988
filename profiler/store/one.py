"""One profile of the store: where it is."""

from dataclasses import dataclass

from profiler.core.profile import Int64s
from profiler.store.catalog import Catalog, Snapshot
from profiler.store.dictionary import of_kind
from profiler.store.errors import StoreError, UnavailableError
from profiler.store.kinds import HEADERS, RAW
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
    if damaged.unavailable:
        raise UnavailableError(damaged.unavailable)
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
    gone = f"profile {key}: its samples are not there: too old, or a segment is damaged"
    damaged.check(gone)
    if rows is None:
        raise StoreError(gone)
    return Place(snapshot, day, subject, series, ts_ms, rows["stack"], rows["value"])
