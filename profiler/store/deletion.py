"""Taking profiles out of everything that was made of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from profiler.store.catalog import Catalog, Segment, Snapshot, day_name
from profiler.store.dictionary import of_kind
from profiler.store.engine import Columns
from profiler.store.errors import OvertakenError, StoreError, UnavailableError
from profiler.store.kinds import HEADERS, OF_PROFILES, ORDER, RAW, SCHEMAS, TIERS, Tier
from profiler.store.reading import FILES, Files, Missing

_PLACE = ("subject", "ts", "series")


def delete(catalog: Catalog, files: Files, keys: Sequence[int]) -> int:
    """Take profiles out of everything; returns how many there were. They stay seen, so that none comes back.

    Each day changes in one commit. Raises OvertakenError and StoreError; then nothing has changed of that day, and
    doing it again does the rest.
    """
    count = 0
    by_day: dict[int, list[int]] = defaultdict(list)
    for key in keys:
        if catalog.delete_hot(key):
            count += 1
        elif (day := catalog.day_of(key)) is not None:
            by_day[day].append(key)
    return count + sum(_of_day(catalog, files, day, some) for day, some in by_day.items())


def _of_day(catalog: Catalog, files: Files, day: int, keys: Sequence[int]) -> int:
    snapshot = catalog.snapshot(day, day, ())
    try:
        return _commit_without(catalog, files, snapshot, day, keys)
    except (OvertakenError, UnavailableError):
        raise
    except (StoreError, duckdb.Error) as error:
        if catalog.generation() != snapshot.generation:
            # What can't be read was replaced, and swept away, while we read it.
            raise OvertakenError(f"deletion from {day_name(day)}: {error}") from error
        raise StoreError(f"deletion from {day_name(day)}: {error}") from error


def _commit_without(catalog: Catalog, files: Files, snapshot: Snapshot, day: int, keys: Sequence[int]) -> int:
    places = _places(files, snapshot, day, keys)
    if places is None or not places.num_rows:
        return 0
    samples = _samples(files, snapshot, day, places)
    old = [segment for kind in OF_PROFILES for segment in of_kind(snapshot.segments, kind, day)]
    replaced = [segment for segment in old if _may_hold(segment, places)]
    rest = [_without(files, segment, places) for segment in replaced]
    corrections = [_correction(files, day, tier, samples) for tier in TIERS[1:]]
    added = [segment for segment in (*rest, *corrections) if segment is not None]
    files.commit(catalog, snapshot.generation, add=added, remove=[segment.id for segment in replaced])
    return int(places.num_rows)


def _places(files: Files, snapshot: Snapshot, day: int, keys: Sequence[int]) -> pa.Table | None:
    """Subject, time and series of the profiles: what names them in every segment. Raises StoreError."""
    headers, damaged = of_kind(snapshot.segments, HEADERS, day), Missing()
    wanted = pa.table({"key": pa.array(keys, pa.int64())})
    sql = f"SELECT subject, ts, series FROM read_parquet({FILES}) SEMI JOIN wanted USING (key)"  # noqa: S608
    found = files.ask(headers, sql, [], damaged, wanted=wanted)
    # They may be in there: nobody may believe that they are gone.
    names = min(damaged.paths, default="")
    damaged.check(f"header segment {names} can't be read: `manage.py store check --repair`")
    if found is None:
        return None
    places = _table(found, _PLACE)
    sql = (
        f"SELECT count(*) AS n FROM read_parquet({FILES}) SEMI JOIN places USING (subject, ts, series) "  # noqa: S608
        f"ANTI JOIN wanted USING (key)"
    )
    others = files.ask(headers, sql, [], damaged, wanted=wanted, places=places)
    if others is not None and others["n"].sum():
        raise StoreError(
            f"profiles {list(keys)}: others of their series began in the same millisecond; they can't be told apart"
        )
    return places


def _samples(files: Files, snapshot: Snapshot, day: int, places: pa.Table) -> Columns:
    """Their raw rows. Raises StoreError: what a rollup has of them can't be taken out without them."""
    damaged = Missing()
    sql = f"SELECT * FROM read_parquet({FILES}) SEMI JOIN places USING (subject, ts, series)"  # noqa: S608
    rows = files.ask(of_kind(snapshot.segments, RAW.kind, day), sql, [], damaged, places=places)
    gone = f"profiles of {day_name(day)}: their samples are not there: too old, or a segment is damaged"
    damaged.check(gone)
    if rows is None:
        raise StoreError(gone)
    return rows


def _may_hold(segment: Segment, places: pa.Table) -> bool:
    columns = (places["subject"].to_pylist(), places["ts"].to_pylist())
    return any(
        segment.subject_min <= subject <= segment.subject_max and segment.t_min <= ts <= segment.t_max
        for subject, ts in zip(*columns, strict=True)
    )


def _without(files: Files, segment: Segment, places: pa.Table) -> Segment | None:
    sql = (
        f"SELECT * FROM read_parquet(?) ANTI JOIN places USING (subject, ts, series) "  # noqa: S608 our own names
        f"ORDER BY {', '.join(ORDER[segment.kind])}"
    )
    with files.using([segment]) as paths:
        batches = files.engine.batches(sql, [paths], places=places)
        return files.write(segment.kind, segment.day, segment.level, batches)


def _correction(files: Files, day: int, tier: Tier, samples: Columns) -> Segment | None:
    """Rollups are sums: taking away is adding the negative."""
    columns = ", ".join(f"ts - ts % {tier.step_ms} AS ts" if name == "ts" else name for name in tier.columns)
    sql = (
        f"SELECT {columns}, -sum(value)::BIGINT AS value FROM samples GROUP BY ALL "  # noqa: S608 our own names
        f"ORDER BY {', '.join(tier.columns)}"
    )
    table = _table(samples, SCHEMAS[RAW.kind].names)
    return files.write(tier.kind, day, 0, [files.engine.table(sql, samples=table)])


def _table(columns: Mapping[str, object], names: Sequence[str]) -> pa.Table:
    return pa.table({name: columns[name] for name in names})
