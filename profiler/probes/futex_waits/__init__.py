"""Time in futex(2) that waits: locks, conditions and joins of user code."""

from profiler.core.probe import Emits, Number, Probe
from profiler.core.profile import NANOSECONDS

PROBE = Probe(
    name="futex_waits",
    title="User locks",
    about="Where programs wait for their own locks, conditions and threads: the time of each futex call that waits.",
    emits=Emits.STACKS,
    needs=("syscalls:sys_enter_futex", "syscalls:sys_exit_futex"),
    cost_ns=2_400,
    unit=NANOSECONDS,
    parameters=(Number("least_us", "At least", "Shorter waits are left out.", 0, 3_600_000_000, 0, "µs"),),
)
