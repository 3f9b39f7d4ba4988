"""Counters of one host as bytes: what agents put into its stream. `decode` is the trust boundary.

Layout: zstd(MessagePack map); `values` is a little-endian matrix of f64, a row for each name, NaN where not known.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from profiler.core.channel import HostId
from profiler.core.counters import MAX_SPAN_NS, Row, is_counter
from profiler.core.errors import BatchError
from profiler.core.packed import packed, unpacked

SCHEMA = 1
# Sixteen disks and networks, and the others, have 270; all else has 60.
MAX_COUNTERS = 512
MAX_ROWS = 120
MAX_COMPRESSED_BYTES = 2**20
MAX_BYTES = 2**21
MAX_COUNTED = 2.0**63
ZSTD_LEVEL = 3

Matrix = npt.NDArray[np.float64]
Name = Annotated[str, StringConstraints(max_length=64)]
Nanoseconds = Annotated[int, Field(ge=0, lt=2**63)]


@dataclass(frozen=True)
class CounterBatch:
    """`values[c, r]`: what counter c counted in row r, which is the `span_ns[r]` before `at_ns[r]` (Unix time).

    `lost_s`: seconds that the agent could not keep until they were sent, since it started.
    """

    host: str
    names: tuple[str, ...]
    at_ns: npt.NDArray[np.int64]
    span_ns: npt.NDArray[np.int64]
    values: Matrix
    lost_s: int = 0

    @classmethod
    def of(cls, host: str, rows: list[Row], lost_s: int = 0) -> "CounterBatch":
        names = tuple(dict.fromkeys(name for row in rows for name in row.values))
        values = [[row.values.get(name, np.nan) for row in rows] for name in names]
        at_ns, span_ns = (np.array([getattr(row, column) for row in rows], np.int64) for column in ("at_ns", "span_ns"))
        return cls(host, names, at_ns, span_ns, np.array(values, np.float64).reshape(len(names), len(rows)), lost_s)


class _Batch(BaseModel):
    model_config = ConfigDict(extra="forbid")
    schema_: Annotated[int, Field(alias="schema", ge=SCHEMA, le=SCHEMA)]
    host: HostId
    names: Annotated[tuple[Name, ...], Field(max_length=MAX_COUNTERS)]
    at_ns: Annotated[list[Nanoseconds], Field(max_length=MAX_ROWS)]
    span_ns: list[Annotated[int, Field(gt=0, le=MAX_SPAN_NS)]]
    values: bytes
    lost_s: Annotated[int, Field(ge=0, lt=2**63)]


def encode(batch: CounterBatch) -> bytes:
    return packed(
        {
            "schema": SCHEMA,
            "host": batch.host,
            "names": batch.names,
            "at_ns": batch.at_ns.tolist(),
            "span_ns": batch.span_ns.tolist(),
            "values": batch.values.astype("<f8").tobytes(),
            "lost_s": batch.lost_s,
        },
        ZSTD_LEVEL,
    )


def decode(data: bytes) -> CounterBatch:
    """Raises BatchError."""
    told = unpacked(data, _Batch, "counters", most_compressed=MAX_COMPRESSED_BYTES, most=MAX_BYTES)
    return _checked(told)


def _checked(told: _Batch) -> CounterBatch:
    shape = (len(told.names), len(told.at_ns))
    if len(told.span_ns) != shape[1] or len(told.values) != 8 * shape[0] * shape[1]:
        raise BatchError(f"counters: {len(told.span_ns)} spans, {len(told.values)} bytes of values for {shape}")
    if wrong := next((name for name in told.names if not is_counter(name)), None):
        raise BatchError(f"counters: {wrong!r} is none")
    if len(set(told.names)) < len(told.names):
        raise BatchError("counters: a name twice")
    values = np.frombuffer(told.values, "<f8").reshape(shape)
    if np.any((values < 0) | (values > MAX_COUNTED)):
        raise BatchError(f"counters: values must be from 0 to MAX_COUNTED ({MAX_COUNTED:.0f})")
    at_ns, span_ns = np.array(told.at_ns, np.int64), np.array(told.span_ns, np.int64)
    return CounterBatch(told.host, told.names, at_ns, span_ns, values, told.lost_s)
