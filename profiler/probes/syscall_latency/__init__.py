"""How long system calls took."""

from profiler.core.probe import COMM, PID, Emits, Histogram, Probe, Shows
from profiler.probes.syscall_names import syscall_name


def _call(number: int, _: int) -> tuple[str, ...]:
    return (syscall_name(number),)


PROBE = Probe(
    name="syscall_latency",
    title="System call latency",
    about="How long system calls took, by call. Those that wait for something, such as poll, are long by their nature.",
    emits=Emits.HISTOGRAM,
    needs=("raw_syscalls:sys_enter", "raw_syscalls:sys_exit"),
    cost_ns=300,
    parameters=(PID, COMM),
    offsets=("task_struct.thread_info.status",),
    arguments=("sys_enter(pt_regs*, number)", "sys_exit(pt_regs*, number)"),
    histogram=Histogram(
        Shows.DURATION,
        ("call",),
        _call,
        stack="The thread's stack as the call returned: who made it.",
    ),
)
