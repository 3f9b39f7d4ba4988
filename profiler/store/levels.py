"""Many small segments become few large ones: each level's are about FANOUT times as large as those below it."""

from collections import defaultdict
from collections.abc import Sequence

from profiler.store.catalog import Catalog, Segment
from profiler.store.kinds import ORDER, SCHEMAS, TIERS
from profiler.store.reading import Files

FANOUT = 8
# Some 8 MB; a larger one would be sorted on disk, and a question would not read it faster.
MAX_SEGMENT_ROWS = 8_000_000
ROLLUPS = {tier.kind for tier in TIERS[1:]}


def merge_level(catalog: Catalog, files: Files, fanout: int = FANOUT) -> Segment | None:
    """Make one of `fanout` segments of a kind, day and level, if there are so many anywhere; the result, or None.

    Raises OvertakenError, and StoreError when one of them is damaged; then nothing has changed.
    """
    for day in reversed(catalog.days()):
        snapshot = catalog.snapshot(day, day, ())
        alike: dict[tuple[str, int], list[Segment]] = defaultdict(list)
        for segment in sorted(snapshot.segments, key=lambda segment: segment.id):
            alike[segment.kind, segment.level].append(segment)
        for (kind, level), segments in alike.items():
            chosen = [segment for segment in segments if segment.rows * fanout <= MAX_SEGMENT_ROWS][:fanout]
            if len(chosen) == fanout:
                merged = merge_segments(files, kind, day, level + 1, chosen)
                added = [merged] if merged else []
                files.commit(catalog, snapshot.generation, add=added, remove=[segment.id for segment in chosen])
                return merged
    return None


def merge_segments(files: Files, kind: str, day: int, level: int, segments: Sequence[Segment]) -> Segment | None:
    """One file with the rows of these; rows of rollups that belong together are added."""
    if kind in ROLLUPS:
        columns = ", ".join(SCHEMAS[kind].names[:-1])
        # A deleted profile left negative values; what it was alone in is gone.
        sql = (
            f"SELECT {columns}, sum(value)::BIGINT AS value FROM read_parquet(?) "  # noqa: S608 our own names
            f"GROUP BY ALL HAVING sum(value) <> 0"
        )
    else:
        sql = "SELECT * FROM read_parquet(?)"
    with files.using(segments) as paths:
        batches = files.engine.batches(f"{sql} ORDER BY {', '.join(ORDER[kind])}", [paths])
        return files.write(kind, day, level, batches)
