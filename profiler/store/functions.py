"""Every function's share over time, of several subjects and days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from profiler.core.function_series import function_series
from profiler.core.identity import Hashes
from profiler.core.profile import Int64s
from profiler.core.stack_trie import StackTrie
from profiler.store.sums import Sums

Order = Literal["own", "total"]


@dataclass(frozen=True)
class FunctionTable:
    """`own` and `total` by function (number of content) and bucket."""

    frame: Hashes
    own: Int64s
    total: Int64s

    def top(self, count: int, by: Order = "total") -> "FunctionTable":
        """Those with the largest sums, the largest first."""
        sums = (self.own if by == "own" else self.total).sum(axis=1)
        best = np.argsort(-sums, kind="stable")[:count]
        return FunctionTable(self.frame[best], self.own[best], self.total[best])


def by_function(sums: Sums, subject: int, trie: StackTrie, buckets: int) -> FunctionTable:
    """Of one subject's rows of a day."""
    mine = slice(None) if (sums.subject == subject).all() else np.flatnonzero(sums.subject == subject)
    stack = np.minimum(sums.stack[mine], len(trie.leaf) - 1)
    bucket = np.clip(sums.bucket[mine], 0, buckets - 1)
    found = function_series(trie, stack, bucket, sums.value[mine], buckets)
    return FunctionTable(found.frame, found.own, found.total)


def added(tables: Iterable[FunctionTable], buckets: int) -> FunctionTable:
    """The same function of several subjects and days is one."""
    found: Sequence[FunctionTable] = list(tables)
    if not found:
        nothing = np.zeros((0, buckets), dtype=np.int64)
        return FunctionTable(np.zeros(0, dtype=np.uint64), nothing, nothing)
    frame = np.concatenate([table.frame for table in found])
    order = np.argsort(frame, kind="stable")
    frames, start = np.unique(frame[order], return_index=True)
    own, total = (np.concatenate([getattr(table, name) for table in found]) for name in ("own", "total"))
    return FunctionTable(
        frames, np.add.reduceat(own[order], start, axis=0), np.add.reduceat(total[order], start, axis=0)
    )
