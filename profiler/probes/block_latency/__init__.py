"""How long disks took for requests."""

from profiler.core.probe import COMM, PID, Emits, Histogram, Probe, Shows

# linux/kdev_t.h: a device's number is its major number above 20 bits of the minor one.
_MINOR_BITS = 20
# enum req_op of include/linux/blk_types.h: those whose numbers are the same in all kernels. 7 wrote the same to many
# sectors until 5.18, and appends to a zone since 6.0.
_OPERATIONS = {0: "read", 1: "write", 2: "flush", 3: "discard", 5: "erase", 7: "write", 9: "write zeroes"}


def _disk(device: int, operation: int) -> tuple[str, ...]:
    """The agent knows the disk's name (agent/probes/host_names.py)."""
    disk = f"{device >> _MINOR_BITS}:{device & (1 << _MINOR_BITS) - 1}"
    return disk, _OPERATIONS.get(operation, "other")


PROBE = Probe(
    name="block_latency",
    title="Block I/O latency",
    about="How long disks took for requests, from the moment they were given one, by disk and operation.",
    emits=Emits.HISTOGRAM,
    needs=("block:block_rq_issue", "block:block_rq_complete"),
    cost_ns=1200,
    parameters=(PID, COMM),
    offsets=(
        "request.q",
        "request_queue.disk|request.rq_disk",
        "request.cmd_flags",
        "gendisk.major",
        "gendisk.first_minor",
    ),
    arguments=("block_rq_issue(request*)", "block_rq_complete(request*)"),
    histogram=Histogram(
        Shows.DURATION,
        ("disk", "operation"),
        _disk,
        stack="The stack that gave the request to the disk: the program's own, or a kernel worker's that did it later.",
    ),
)
