"""Segments on disk: a file is whole and on disk before anybody hears of it."""

import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from profiler.store.catalog import Segment, day_name
from profiler.store.kinds import SCHEMAS, TICKS_PER_MS

UNFINISHED = ".tmp"
# Small enough that a service is found without reading its neighbours, large enough to compress.
ROW_GROUP = 131_072
_READ = 2**20


def write_segment(root: Path, kind: str, day: int, level: int, batches: Iterable[pa.Table]) -> Segment | None:
    """Write tables of SCHEMAS[kind], already in order, as one file; None when they hold no row."""
    folder = root / day_name(day)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{kind}-{uuid4().hex}.parquet"
    unfinished = folder / (name + UNFINISHED)
    bounds = _Bounds()
    try:
        with pq.ParquetWriter(unfinished, SCHEMAS[kind], **_options(kind)) as writer:
            for table in batches:
                bounds.add(table)
                writer.write_table(table.cast(SCHEMAS[kind]), row_group_size=ROW_GROUP)
        if not bounds.rows:
            unfinished.unlink()
            return None
        sync(unfinished)
        size, crc32 = unfinished.stat().st_size, checksum(unfinished)
        unfinished.rename(folder / name)
        for directory in (folder, root):
            sync(directory)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    path = f"{day_name(day)}/{name}"
    return Segment(kind, day, level, path, *bounds.ts, *bounds.subject, rows=bounds.rows, bytes=size, crc32=crc32)


class _Bounds:
    """Rows, and the least and greatest time and subject, of the tables of a segment."""

    def __init__(self) -> None:
        self.rows = 0
        self._least: dict[str, int] = {}
        self._greatest: dict[str, int] = {}

    def add(self, table: pa.Table) -> None:
        self.rows += table.num_rows
        for name in ("ts", "subject"):
            if name in table.column_names and table.num_rows:
                found: Any = pc.min_max(table[name])
                least, greatest = found["min"].as_py(), found["max"].as_py()
                self._least[name] = min(least, self._least.get(name, least))
                self._greatest[name] = max(greatest, self._greatest.get(name, greatest))
        if "tick" in table.column_names and table.num_rows:
            # Questions for samples' own times look for segments by them.
            self._greatest["ts"] = max(pc.max(table["tick"]).as_py() // TICKS_PER_MS, self._greatest["ts"])

    @property
    def ts(self) -> tuple[int, int]:
        return self._least.get("ts", 0), self._greatest.get("ts", 0)

    @property
    def subject(self) -> tuple[int, int]:
        """Frames are of all subjects."""
        return self._least.get("subject", 0), self._greatest.get("subject", 2**31 - 1)


def _options(kind: str) -> dict[str, Any]:
    """Differences of sorted numbers take a byte or less; writers must be asked for them."""
    numbers = [field.name for field in SCHEMAS[kind] if pa.types.is_int32(field.type) or pa.types.is_int64(field.type)]
    texts = [field.name for field in SCHEMAS[kind] if pa.types.is_string(field.type)]
    encoding = dict.fromkeys(numbers, "DELTA_BINARY_PACKED")
    return {
        "compression": "zstd",
        "compression_level": 3,
        "use_dictionary": texts,
        "column_encoding": encoding,
        "version": "2.6",
        "data_page_version": "2.0",
    }


def sync(path: Path) -> None:
    """Have a file, or the names of a directory, on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def checksum(path: Path) -> int:
    """CRC-32 of a file."""
    value = 0
    with path.open("rb") as file:
        while block := file.read(_READ):
            value = zlib.crc32(block, value)
    return value
