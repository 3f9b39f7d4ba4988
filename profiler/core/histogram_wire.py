"""A batch of a histogram for browsers: JSON. Rows leave out empty buckets at their ends: most are empty."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from profiler.core.histogram_batch import HistogramBatch

NS_OF_MS = 1e6


def message(batch: HistogramBatch, head: Mapping[str, Any]) -> bytes:
    """`head` goes in as it is. Times are Unix milliseconds, values as they were counted."""
    rows = zip(batch.labels, batch.counts, batch.sums, strict=True)
    told = {
        **head,
        "start_ms": batch.start_ns / NS_OF_MS,
        "end_ms": batch.end_ns / NS_OF_MS,
        "rows": [_row(labels, counts, total) for labels, counts, total in rows],
        "examples": [
            [one.at_ns / NS_OF_MS, one.value, one.pid, one.tid, one.comm, one.labels] for one in batch.exemplars
        ],
        "lost_now": batch.lost,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _row(labels: tuple[str, ...], counts: Any, total: int) -> dict[str, Any]:
    taken = np.flatnonzero(counts)
    first, last = (int(taken[0]), int(taken[-1])) if len(taken) else (0, -1)
    return {"labels": labels, "first": first, "counts": counts[first : last + 1].tolist(), "sum": float(total)}
