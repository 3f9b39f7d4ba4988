"""How long disks took for requests."""

from profiler.core.probe import COMM, PID, Emits, Histogram, Probe, Shows

# linux/kdev_t.h: a device's number is its major number above 20 bits of the minor one.
_MINOR_BITS = 20
# blk_fill_rwbs() in kernel/trace/blktrace.c.
_OPERATIONS = {"R": "read", "W": "write", "D": "discard", "E": "erase", "F": "flush", "N": "other"}


def _disk(device: int, operation: int) -> tuple[str, ...]:
    """The agent knows the disk's name (agent/probes/host_names.py)."""
    disk = f"{device >> _MINOR_BITS}:{device & (1 << _MINOR_BITS) - 1}"
    return disk, _OPERATIONS.get(chr(operation & 0x7F), "other")


PROBE = Probe(
    name="block_latency",
    title="Block I/O latency",
    about="How long disks took for requests, from the moment they were given one, by disk and operation.",
    emits=Emits.HISTOGRAM,
    needs=("block:block_rq_issue", "block:block_rq_complete"),
    cost_ns=1200,
    parameters=(PID, COMM),
    histogram=Histogram(Shows.DURATION, ("disk", "operation"), _disk),
)
