"""Events of one feed as bytes: what agents put into its stream. `decode` is the trust boundary.

Layout: zstd(MessagePack map). Columns of numbers are little-endian bytes, those of text lists.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from profiler.core.errors import BatchError
from profiler.core.packed import packed, unpacked
from profiler.core.probe import Columns

SCHEMA = 1
# A quarter of a second of 200,000 events a second is 50,000; one batch must not hold up a browser or a worker.
MAX_EVENTS = 65_536
MAX_COMPRESSED_BYTES = 8 * 2**20
MAX_BYTES = 64 * 2**20
MAX_COLUMNS = 32
MAX_TEXT = 8192  # twice PATH_MAX
MAX_CAUSES = 16
ZSTD_LEVEL = 1

# Causes of `EventBatch.lost` that every feed can have; pages say where that is. Probes may add causes of their own.
LOST_RING = "kernel ring full"
# A host's feeds share a bounded memory: one that begins when others run may have a smaller ring.
LOST_SMALL_RING = "kernel ring full, small for want of memory"
LOST_AGENT = "agent too slow"
LOST_REDIS = "not delivered to Redis"

Label = Annotated[str, StringConstraints(max_length=256)]
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT)]
Count = Annotated[int, Field(ge=0, lt=2**63)]


@dataclass(frozen=True)
class EventBatch:
    """What was seen from `start_ns` to `end_ns` (Unix time). `columns` are as long as each other; the first is `at_ns`.

    `lost`: events that are not here, by cause and exact. A column that the host's policy hides is not here either.
    `sent_before`: events that batches of this feed had sent before this one, since it began at `began_ns` (0: not
    told). Who reads them knows so exactly how many left Redis unread.
    """

    host: str
    probe: str
    start_ns: int
    end_ns: int
    columns: Columns
    lost: dict[str, int] = field(default_factory=dict)
    began_ns: int = 0
    sent_before: int = 0

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))


class _Numbers(BaseModel):
    model_config = ConfigDict(extra="forbid")
    dtype: Literal["<u8", "<i8", "<u4", "<i4", "<u2", "|u1"]  # what columns of probes may be
    data: bytes


class _Batch(BaseModel):
    model_config = ConfigDict(extra="forbid")
    schema_: Literal[1] = Field(alias="schema")
    host: Label
    probe: Label
    start_ns: Count
    end_ns: Count
    columns: Annotated[
        dict[Label, _Numbers | Annotated[list[Text], Field(max_length=MAX_EVENTS)]], Field(max_length=MAX_COLUMNS)
    ]
    lost: Annotated[dict[Label, Count], Field(max_length=MAX_CAUSES)]
    began_ns: Count = 0
    sent_before: Count = 0


def encode(batch: EventBatch) -> bytes:
    columns: dict[str, Any] = {
        name: column if isinstance(column, list) else {"dtype": column.dtype.str, "data": column.tobytes()}
        for name, column in batch.columns.items()
    }
    return packed(
        {
            "schema": SCHEMA,
            "host": batch.host,
            "probe": batch.probe,
            "start_ns": batch.start_ns,
            "end_ns": batch.end_ns,
            "columns": columns,
            "lost": batch.lost,
            "began_ns": batch.began_ns,
            "sent_before": batch.sent_before,
        },
        ZSTD_LEVEL,
    )


def decode(data: bytes) -> EventBatch:
    """Raises BatchError."""
    told = unpacked(data, _Batch, "events", most_compressed=MAX_COMPRESSED_BYTES, most=MAX_BYTES)
    columns = {name: _column(name, column) for name, column in told.columns.items()}
    if len(lengths := {len(column) for column in columns.values()}) > 1 or max(lengths, default=0) > MAX_EVENTS:
        raise BatchError(f"events: columns of {sorted(lengths)} values; they must be alike, at most {MAX_EVENTS}")
    counted = (told.began_ns, told.sent_before)
    return EventBatch(told.host, told.probe, told.start_ns, told.end_ns, columns, dict(told.lost), *counted)


def _column(name: str, column: _Numbers | list[str]) -> Any:
    if isinstance(column, list):
        return column
    try:
        return np.frombuffer(column.data, dtype=column.dtype)
    except ValueError as error:
        raise BatchError(f"events: column {name}: {error}") from error
