"""What a histogram grew by in about a second, as bytes: what agents put into its feed. `decode` is the trust boundary.

Layout: zstd(MessagePack map). Counts are little-endian u32, rows one after the other; sums u64. `stacks` are those of
the examples as core/batch.py packs them: read when they are asked for (core/histogram_stacks.py).
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from profiler.core import packed
from profiler.core.errors import BatchError
from profiler.core.histogram import MAX_BUCKETS, MAX_STEP, Buckets, Counts

SCHEMA = 1
# Rows are label sets: disks × operations, or 450 system calls. The programs' tables have as many.
MAX_ROWS = 1024
MAX_LABELS = 4
# A few of each bucket in each second.
MAX_EXEMPLARS = 1024
MAX_COMPRESSED_BYTES = 2**20
MAX_BYTES = 8 * 2**20
# Of a second's examples: 320 stacks of 100 frames with long names are 2 MB, before anything they have in common.
MAX_STACK_BYTES = 4 * 2**20
MAX_CAUSES = 16
MAX_WHY = 512
ZSTD_LEVEL = 1

Label = Annotated[str, StringConstraints(max_length=256)]
Labels = Annotated[tuple[Label, ...], Field(max_length=MAX_LABELS)]
Count = Annotated[int, Field(ge=0, lt=2**63)]


class Exemplar(BaseModel):
    """One event, kept as an example of its bucket: when (Unix ns), what it came to, in which thread.

    `stack`: a node of its batch's `stacks`. Without one `no_stack` says why; empty: nobody takes stacks of these.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    at_ns: Count
    value: Count
    pid: Annotated[int, Field(ge=0, lt=2**32)]
    tid: Annotated[int, Field(ge=0, lt=2**32)]
    comm: Annotated[str, StringConstraints(max_length=64)]
    labels: Labels
    stack: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    no_stack: Annotated[str, StringConstraints(max_length=MAX_WHY)] = ""


@dataclass(frozen=True)
class HistogramBatch:
    """What was counted from `start_ns` to `end_ns` (Unix time).

    `labels`: one tuple of values per row, in the order of the probe's label names; `counts`: rows × buckets; `sums`: of
    each row's values. `lost`: events that are not here, by cause and exact.
    """

    host: str
    probe: str
    start_ns: int
    end_ns: int
    buckets: Buckets
    labels: tuple[tuple[str, ...], ...]
    counts: Counts
    sums: tuple[int, ...]
    exemplars: tuple[Exemplar, ...] = ()
    lost: dict[str, int] = field(default_factory=dict)
    stacks: bytes = b""

    @property
    def events(self) -> int:
        return int(self.counts.sum())


class _Batch(BaseModel):
    model_config = ConfigDict(extra="forbid")
    schema_: Literal[1] = Field(alias="schema")
    host: Label
    probe: Label
    start_ns: Count
    end_ns: Count
    buckets: Annotated[int, Field(ge=1, le=MAX_BUCKETS)]
    step: Annotated[int, Field(ge=1, le=MAX_STEP)] | None
    labels: Annotated[tuple[Labels, ...], Field(max_length=MAX_ROWS)]
    counts: bytes
    sums: Annotated[tuple[Annotated[int, Field(ge=0, lt=2**64)], ...], Field(max_length=MAX_ROWS)]
    exemplars: Annotated[tuple[Exemplar, ...], Field(max_length=MAX_EXEMPLARS)]
    lost: Annotated[dict[Label, Count], Field(max_length=MAX_CAUSES)]
    # Batches of before examples had stacks are kept for a week.
    stacks: Annotated[bytes, Field(max_length=MAX_STACK_BYTES)] = b""


def encode(batch: HistogramBatch) -> bytes:
    message = {
        "schema": SCHEMA,
        "host": batch.host,
        "probe": batch.probe,
        "start_ns": batch.start_ns,
        "end_ns": batch.end_ns,
        "buckets": batch.buckets.count,
        "step": batch.buckets.step,
        "labels": batch.labels,
        "counts": batch.counts.astype("<u4").tobytes(),
        "sums": batch.sums,
        "exemplars": [exemplar.model_dump(exclude_defaults=True) for exemplar in batch.exemplars],
        "lost": batch.lost,
    }
    if batch.stacks:
        message["stacks"] = batch.stacks
    return packed.packed(message, ZSTD_LEVEL)


def decode(data: bytes) -> HistogramBatch:
    """Raises BatchError."""
    return unpacked(decompressed(data))


def unpacked(data: bytes) -> HistogramBatch:
    """Of what `decompressed` gave. Raises BatchError."""
    told = packed.checked(data, _Batch, "histogram")
    shape = (len(told.labels), told.buckets)
    if len(told.counts) != shape[0] * shape[1] * 4 or len(told.sums) != shape[0]:
        raise BatchError(
            f"histogram: {len(told.counts)} bytes of counts and {len(told.sums)} sums for {shape[0]} rows of "
            f"{shape[1]} buckets"
        )
    if len({len(labels) for labels in (*told.labels, *(one.labels for one in told.exemplars))}) > 1:
        raise BatchError("histogram: rows and examples have different numbers of labels")
    if told.end_ns < told.start_ns:
        raise BatchError(f"histogram: it ends at {told.end_ns}, before its start {told.start_ns}")
    counts = np.frombuffer(told.counts, dtype="<u4").astype(np.int64).reshape(shape)
    buckets = Buckets(told.buckets, told.step)
    rows = (told.labels, counts, told.sums, told.exemplars, dict(told.lost), told.stacks)
    return HistogramBatch(told.host, told.probe, told.start_ns, told.end_ns, buckets, *rows)


@dataclass(frozen=True)
class BucketCounts:
    """A batch without its rows: `counts` of all of them by bucket."""

    host: str
    probe: str
    start_ns: int
    end_ns: int
    buckets: Buckets
    counts: Counts
    lost: dict[str, int]


class _Counted(BaseModel):
    """What BucketCounts needs of a batch; rows' labels and examples are most of it, and are not looked at."""

    model_config = ConfigDict(extra="ignore")
    schema_: Literal[1] = Field(alias="schema")
    host: Label
    probe: Label
    start_ns: Count
    end_ns: Count
    buckets: Annotated[int, Field(ge=1, le=MAX_BUCKETS)]
    step: Annotated[int, Field(ge=1, le=MAX_STEP)] | None
    counts: bytes
    lost: Annotated[dict[Label, Count], Field(max_length=MAX_CAUSES)]


def unpacked_counts(data: bytes) -> BucketCounts:
    """As `unpacked`, without what takes most of its time: for questions about hours. Raises BatchError."""
    told = packed.checked(data, _Counted, "histogram")
    if len(told.counts) % (told.buckets * 4) or told.end_ns < told.start_ns:
        raise BatchError(f"histogram: {len(told.counts)} bytes of counts, {told.start_ns} to {told.end_ns} ns")
    rows = np.frombuffer(told.counts, dtype="<u4").reshape(-1, told.buckets)
    buckets, times = Buckets(told.buckets, told.step), (told.start_ns, told.end_ns)
    return BucketCounts(told.host, told.probe, *times, buckets, rows.sum(axis=0, dtype=np.int64), dict(told.lost))


def decompressed(data: bytes) -> bytes:
    """Raises BatchError."""
    return packed.decompressed(data, "histogram", most_compressed=MAX_COMPRESSED_BYTES, most=MAX_BYTES)
