"""Time that threads spend on no CPU, by what they wait for."""

from profiler.core.probe import Emits, Flag, Number, Probe
from profiler.core.profile import NANOSECONDS
from profiler.probes.scheduling import SWITCH_HOOKS, WAKING

_HOUR_US = 3_600_000_000

PROBE = Probe(
    name="off_cpu",
    title="Off-CPU time",
    about="Where threads wait, how long and for what: each wait, from leaving the CPU until running again.",
    emits=Emits.STACKS,
    needs=("sched:sched_switch", "sched:sched_waking"),
    arguments=(WAKING,),
    hooks=SWITCH_HOOKS,
    cost_ns=6_000,
    unit=NANOSECONDS,
    parameters=(
        Number("least_us", "At least", "Shorter waits are left out.", 0, _HOUR_US, 0, "µs"),
        Number("most_us", "At most", "Longer waits are left out.", 1, _HOUR_US, _HOUR_US, "µs"),
        Flag("wakers", "Who ended it", "The stack that woke the thread stands behind each wait."),
    ),
    offsets=("task_struct.pid", "task_struct.tgid", "task_struct.in_iowait", "task_struct.se.sum_exec_runtime"),
    headers=("bpf/waits.h",),
)
