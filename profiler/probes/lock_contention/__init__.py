"""Time that the kernel waits for its own locks."""

from profiler.core.probe import Emits, Number, Probe
from profiler.core.profile import NANOSECONDS

PROBE = Probe(
    name="lock_contention",
    title="Kernel locks",
    about="Where the kernel waits for its own locks, spinning or asleep, and how long: each wait for one that is held.",
    emits=Emits.STACKS,
    needs=("lock:contention_begin", "lock:contention_end"),
    arguments=("contention_begin(other, number)", "contention_end(other, number)"),
    cost_ns=43_000,
    unit=NANOSECONDS,
    parameters=(Number("least_us", "At least", "Shorter waits are left out.", 0, 3_600_000_000, 0, "µs"),),
    states=(
        "spinlock",
        "rwlock",
        "mutex",
        "rwsem, to read",
        "rwsem, to write",
        "per-CPU rwsem",
        "rt mutex",
        "other",
    ),
)
