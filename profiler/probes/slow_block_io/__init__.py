"""Requests to disks that take long."""

import numpy as np

from profiler.core.event_columns import errors, names, words
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Number, Probe, Record, Shows

# `struct event` of program.c.
EVENT = np.dtype(
    [
        ("at", "<u8"), ("took", "<u8"), ("sector", "<u8"), ("device", "<u4"), ("bytes", "<u4"), ("pid", "<u4"),
        ("error", "<i4"), ("comm", "S16"), ("operation", "S16"),
    ]
)  # fmt: skip
MINOR_BITS = 20
# As blk_fill_rwbs of the kernel writes them.
_OPERATIONS = {"R": "read", "W": "write", "D": "discard", "E": "secure erase", "N": "other"}
_FLAGS = {"F": "flush", "A": "read ahead", "S": "synchronous", "M": "metadata"}


def operation(letters: str) -> str:
    """`WFSM` is: write, flush, synchronous, metadata. A flush alone is an F, and one before a write too."""
    found = [_OPERATIONS[letter] for letter in letters if letter in _OPERATIONS][:1]
    return ", ".join([*found, *dict.fromkeys(_FLAGS[letter] for letter in letters if letter in _FLAGS)])


def disk(device: int) -> str:
    """Major and minor number, as lsblk shows them."""
    return f"{device >> MINOR_BITS}:{device & (1 << MINOR_BITS) - 1}"


def _decode(events: Record) -> Columns:
    return {
        "at_ns": events["at"],
        "took": events["took"],
        "disk": words(events["device"], disk),
        "operation": [operation(letters) for letters in names(events["operation"])],
        "bytes": events["bytes"],
        "sector": events["sector"],
        "pid": events["pid"],
        "name": names(events["comm"]),
        "error": errors(events["error"]),
    }


PROBE = Probe(
    name="slow_block_io",
    title="Slow requests to disks",
    about="Each request to a disk that takes longer than a limit, from when the disk was asked to its answer. Who "
    "asked may be a thread of the kernel, when it writes for others.",
    emits=Emits.EVENTS,
    needs=("block:block_rq_issue", "block:block_rq_complete"),
    cost_ns=700,
    parameters=(
        PID,
        COMM,
        Number("min_us", "Slower than", "What is faster is not told.", 0, 60_000_000, 10_000, "µs"),
    ),
    fields=(
        Field("at_ns", Shows.TIME, "Time", "When the disk was asked"),
        Field("took", Shows.DURATION, "Took"),
        Field("disk", Shows.TEXT, "Disk"),
        Field("operation", Shows.TEXT, "Operation"),
        Field("bytes", Shows.BYTES, "Size"),
        Field("sector", Shows.NUMBER, "Sector", "Of 512 bytes"),
        Field("pid", Shows.PID, "Process"),
        Field("name", Shows.COMM, "Name"),
        Field("error", Shows.ERROR, "Error"),
    ),
    decode=_decode,
    record=EVENT,
)
