"""Time that threads could run and had to wait for a CPU."""

from profiler.core.probe import Emits, Number, Probe
from profiler.core.profile import NANOSECONDS
from profiler.probes.scheduling import SWITCH_HOOKS, WAKEUP_NEW, WAKING

PROBE = Probe(
    name="run_queue",
    title="Waiting for a CPU",
    about="How long threads that could run waited for a CPU, after they were woken or while others ran instead.",
    emits=Emits.STACKS,
    needs=("sched:sched_switch", "sched:sched_waking", "sched:sched_wakeup_new"),
    arguments=(WAKING, WAKEUP_NEW),
    hooks=SWITCH_HOOKS,
    cost_ns=6_000,
    unit=NANOSECONDS,
    parameters=(Number("least_us", "At least", "Shorter waits are left out.", 0, 60_000_000, 0, "µs"),),
    offsets=("task_struct.pid", "task_struct.tgid", "task_struct.in_iowait", "task_struct.se.sum_exec_runtime"),
    headers=("bpf/waits.h",),
)
