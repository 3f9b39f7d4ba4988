"""Requests to disks that take long."""

import errno

import numpy as np

from profiler.core.event_columns import error_name, names, words
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Number, Probe, Record, Shows

# `struct event` of program.c.
EVENT = np.dtype(
    [
        ("at", "<u8"), ("took", "<u8"), ("sector", "<u8"), ("device", "<u4"), ("bytes", "<u4"), ("pid", "<u4"),
        ("error", "<i4"), ("operation", "<u4"), ("flags", "<u4"), ("comm", "S16"),
    ]
)  # fmt: skip
MINOR_BITS = 20
# enum req_op of include/linux/blk_types.h: those whose numbers are the same in all kernels.
_OPERATIONS = {0: "read", 1: "write", 2: "flush", 3: "discard", 5: "secure erase", 7: "write", 9: "write zeroes"}
# enum told_flag of program.c, by bit.
_FLAGS = ("flush", "read ahead", "synchronous", "metadata")
_FLAG_BITS = len(_FLAGS)
# BLK_STS_… of include/linux/blk_types.h; others are EIO, as the kernel tells programs.
_STATUS = {
    1: errno.EOPNOTSUPP, 2: errno.ETIMEDOUT, 3: errno.ENOSPC, 4: errno.ENOLINK, 5: errno.EREMOTEIO, 6: errno.EBADE,
    7: errno.ENODATA, 8: errno.EILSEQ, 9: errno.ENOMEM, 12: errno.EAGAIN, 13: errno.EBUSY,
}  # fmt: skip


def operation(told: int) -> str:
    """Of an operation's number above the bits of its flags: `write, flush, synchronous`."""
    number, flags = told >> _FLAG_BITS, [name for bit, name in enumerate(_FLAGS) if told >> bit & 1]
    return ", ".join(dict.fromkeys([_OPERATIONS.get(number, "other"), *flags]))


def failure(status: int) -> str:
    """Kernels before 5.16 tell a negative errno."""
    if status <= 0:
        return error_name(-status)
    return error_name(_STATUS.get(status, errno.EIO))


def disk(device: int) -> str:
    """Major and minor number, as lsblk shows them."""
    return f"{device >> MINOR_BITS}:{device & (1 << MINOR_BITS) - 1}"


def _decode(events: Record) -> Columns:
    return {
        "at_ns": events["at"],
        "took": events["took"],
        "disk": words(events["device"], disk),
        "operation": words(events["operation"] << _FLAG_BITS | events["flags"], operation),
        "bytes": events["bytes"],
        "sector": events["sector"],
        "pid": events["pid"],
        "name": names(events["comm"]),
        "error": words(events["error"], failure),
    }


PROBE = Probe(
    name="slow_block_io",
    title="Slow requests to disks",
    about="Each request to a disk that takes longer than a limit, from when the disk was asked to its answer. Who "
    "asked may be a thread of the kernel, when it writes for others.",
    emits=Emits.EVENTS,
    needs=("block:block_rq_issue", "block:block_rq_complete"),
    cost_ns=700,
    offsets=(
        "request.q",
        "request_queue.disk|request.rq_disk",
        "request.cmd_flags",
        "request.__sector",
        "request.__data_len",
        "gendisk.major",
        "gendisk.first_minor",
    ),
    enumerators=("__REQ_PREFLUSH", "__REQ_FUA", "__REQ_RAHEAD", "__REQ_SYNC", "__REQ_META"),
    arguments=("block_rq_issue(request*)", "block_rq_complete(request*, number)"),
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
