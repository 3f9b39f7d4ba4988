"""Where the time of threads goes: on a CPU, waiting for one, or waiting for something else."""

from profiler.core.probe import Emits, Flag, Number, Probe
from profiler.core.profile import NANOSECONDS
from profiler.probes.scheduling import SWITCH_HOOKS, WAKEUP_NEW, WAKING

PROBE = Probe(
    name="wall",
    title="Wall clock",
    about="All the time of each thread: on a CPU, waiting for one, or waiting for a disk, a lock or something else.",
    emits=Emits.STACKS,
    needs=("sched:sched_switch", "sched:sched_waking", "sched:sched_wakeup_new"),
    arguments=(WAKING, WAKEUP_NEW),
    hooks=SWITCH_HOOKS,
    cost_ns=3_500,
    unit=NANOSECONDS,
    parameters=(
        Number("hertz", "Samples of CPUs", "How often it is looked what runs.", 1, 999, 99, "Hz"),
        Flag("wakers", "Who ended it", "The stack that woke the thread stands behind each wait.", default=True),
    ),
    offsets=("task_struct.pid", "task_struct.tgid", "task_struct.in_iowait", "task_struct.se.sum_exec_runtime"),
    headers=("bpf/waits.h",),
)
