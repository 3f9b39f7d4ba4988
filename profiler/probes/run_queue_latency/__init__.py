"""How long threads that could run waited for a CPU."""

from profiler.core.probe import COMM, PID, Emits, Histogram, Probe, Shows
from profiler.probes.scheduling import SWITCH_HOOKS, WAKEUP, WAKEUP_NEW


def _cpu(number: int, _: int) -> tuple[str, ...]:
    return (f"CPU {number}",)


PROBE = Probe(
    name="run_queue_latency",
    title="Run-queue latency",
    about="How long threads that could run waited for a CPU: since they were woken, started or put aside for others.",
    emits=Emits.HISTOGRAM,
    needs=("sched:sched_switch", "sched:sched_wakeup", "sched:sched_wakeup_new"),
    arguments=(WAKEUP, WAKEUP_NEW),
    hooks=SWITCH_HOOKS,
    cost_ns=700,
    offsets=("task_struct.pid", "task_struct.tgid", "task_struct.comm", "task_struct.on_cpu"),
    parameters=(PID, COMM),
    headers=("bpf/back_on_cpu.h",),
    histogram=Histogram(
        Shows.DURATION,
        ("CPU",),
        _cpu,
        stack="The stack that the thread had waited in until it was woken, or was put aside with, taken when it runs.",
    ),
)
