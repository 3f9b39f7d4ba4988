"""The rows of profiles on the server. Stacks are numbers of content: unlike in segments, nothing has to number them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from profiler.store.catalog import HotRow
from profiler.store.hot import HotStacks
from profiler.store.kinds import LOSSES, SCHEMAS

# Rows of an insert: some 16 MB, and one part in each of its days. A server takes a million of them as one block.
INSERT_ROWS = 500_000


def sample_table(rows: Sequence[HotRow], unpacked: Sequence[HotStacks]) -> pa.Table:
    pairs = zip(rows, unpacked, strict=True)
    return pa.concat_tables([_of_profile(row, {"stack": one.stack, "value": one.value}) for row, one in pairs])


def time_table(rows: Sequence[HotRow], unpacked: Sequence[HotStacks]) -> pa.Table:
    pairs = zip(rows, unpacked, strict=True)
    tables = [_of_profile(row, {"tick": stacks.at, "stack": stacks.stack[stacks.row]}) for row, stacks in pairs]
    return pa.concat_tables(tables)


def loss_table(rows: Sequence[HotRow], unpacked: Sequence[HotStacks]) -> pa.Table:
    pairs = zip(rows, unpacked, strict=True)
    found = [(row.subject, row.ts_ms, row.series, *told) for row, stacks in pairs for told in stacks.told]
    schema = SCHEMAS[LOSSES]
    return pa.table({name: [row[i] for row in found] for i, name in enumerate(schema.names)}, schema=schema)


def _of_profile(row: HotRow, columns: Mapping[str, npt.NDArray[Any]]) -> pa.Table:
    """These columns, and those that say of which profile they are."""
    count = len(next(iter(columns.values())))
    same = {"subject": row.subject, "ts": row.ts_ms, "series": row.series}
    return pa.table({name: np.full(count, value) for name, value in same.items()} | dict(columns))
