"""The rows of profiles in segments: what each of them becomes when its stacks have their dense ids."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from profiler.core.profile import Int32s, Int64s
from profiler.store.catalog import HotRow
from profiler.store.files import ROW_GROUP
from profiler.store.hot import HotStacks
from profiler.store.kinds import LOSSES, RAW, SCHEMAS, TIMES
from profiler.store.losses import Told


@dataclass(frozen=True)
class Numbered:
    """A hot row by dense ids: `stack` and `value` sorted by the first, `at` and `at_stack` in the order of time."""

    row: HotRow
    stack: Int32s
    value: Int64s
    at: Int64s
    at_stack: Int32s
    told: Sequence[Told]

    @classmethod
    def of(cls, row: HotRow, stacks: HotStacks, ids: Int64s) -> "Numbered":
        order = np.argsort(ids)
        small = ids.astype(np.int32)
        return cls(row, small[order], stacks.value[order], stacks.at, small[stacks.row], stacks.told)


def header_table(rows: Sequence[HotRow]) -> pa.Table:
    names = {"ts": "ts_ms"}
    columns = ("subject", "ts", "series", "duration_ms", "total", "stacks", "key")
    return pa.table({name: [getattr(row, names.get(name, name)) for row in rows] for name in columns})


def loss_table(rows: Iterable[Numbered]) -> pa.Table:
    found = [(one.row.subject, one.row.ts_ms, one.row.series, *told) for one in rows for told in one.told]
    schema = SCHEMAS[LOSSES]
    return pa.table({name: [row[i] for row in found] for i, name in enumerate(schema.names)}, schema=schema)


def sample_table(rows: Sequence[Numbered]) -> pa.Table:
    """Rows of RAW, in order."""
    return _table(RAW.kind, rows, {"stack": [one.stack for one in rows], "value": [one.value for one in rows]})


def time_tables(rows: Iterable[Numbered]) -> Iterator[pa.Table]:
    """Rows of TIMES, in order, about ROW_GROUP in each table: all at once are hundreds of megabytes."""
    timed = [one for one in rows if len(one.at)]
    ends = np.cumsum([len(one.at) for one in timed])
    for _, some in groupby(zip(timed, ends.tolist(), strict=True), lambda pair: pair[1] // ROW_GROUP):
        batch = [one for one, _ in some]
        yield _table(TIMES, batch, {"tick": [one.at for one in batch], "stack": [one.at_stack for one in batch]})


def _table(kind: str, rows: Sequence[Numbered], columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """These columns, and those that name the profile of each row."""
    lengths = [len(column) for column in next(iter(columns.values()))]
    of_profile = {
        "subject": [one.row.subject for one in rows],
        "ts": [one.row.ts_ms for one in rows],
        "series": [one.row.series for one in rows],
    }
    repeated = {name: np.repeat(np.array(values, dtype=np.int64), lengths) for name, values in of_profile.items()}
    joined = {name: np.concatenate(column) for name, column in columns.items()}
    schema = SCHEMAS[kind]
    return pa.table({name: (repeated | joined)[name] for name in schema.names}).cast(schema)
