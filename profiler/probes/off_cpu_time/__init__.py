"""How long threads were away from the CPU."""

from profiler.core.probe import COMM, PID, Emits, Histogram, Probe, Shows
from profiler.probes.scheduling import SWITCH_HOOKS

_PREEMPTED = 0x100
# Bits of the kernel's task states, in the order in which the first that is set names the wait.
_STATES = ((0x02, "uninterruptible"), (0x01, "interruptible"), (0x0C, "stopped"), (0x80, "idle"))


def _state(state: int, _: int) -> tuple[str, ...]:
    if state == 0 or state & _PREEMPTED:
        return ("preempted",)
    return (next((name for bits, name in _STATES if state & bits), "other"),)


PROBE = Probe(
    name="off_cpu_time",
    title="Off-CPU time",
    about="How long threads were away from the CPU each time, by the state that they left it in: waiting in a way that "
    "signals end (network, locks, sleep) or not (disks), or preempted, which is waiting for a CPU.",
    emits=Emits.HISTOGRAM,
    needs=("sched:sched_switch",),
    hooks=SWITCH_HOOKS,
    cost_ns=700,
    offsets=("task_struct.pid", "task_struct.tgid", "task_struct.comm"),
    parameters=(PID, COMM),
    headers=("bpf/back_on_cpu.h",),
    histogram=Histogram(
        Shows.DURATION,
        ("state",),
        _state,
        stack="The stack that the thread left the CPU with, taken when it is back: what it waited in.",
    ),
)
