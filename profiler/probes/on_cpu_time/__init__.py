"""How long threads ran at a time."""

from profiler.core.probe import COMM, PID, Emits, Histogram, Probe, Shows
from profiler.probes.scheduling import SWITCH_HOOKS


def _reason(preempted: int, _: int) -> tuple[str, ...]:
    return ("preempted" if preempted else "went to wait",)


PROBE = Probe(
    name="on_cpu_time",
    title="On-CPU time",
    about="How long threads ran each time until they left the CPU, and whether others took their place or they waited.",
    emits=Emits.HISTOGRAM,
    needs=("sched:sched_switch",),
    hooks=SWITCH_HOOKS,
    cost_ns=350,
    offsets=("task_struct.pid", "task_struct.tgid", "task_struct.comm"),
    parameters=(PID, COMM),
    histogram=Histogram(
        Shows.DURATION,
        ("left because",),
        _reason,
        stack="The thread's stack as it left the CPU: what ended its time on it.",
    ),
)
