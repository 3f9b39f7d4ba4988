"""System calls, by call."""

from profiler.core.probe import Choice, Emits, Probe
from profiler.probes.syscall_names import SYSCALLS, syscall_name

_NAMES = tuple(map(syscall_name, range(SYSCALLS)))

PROBE = Probe(
    name="syscalls",
    title="System calls",
    about="Which code asks the kernel for what: each system call counts one, by its name.",
    emits=Emits.STACKS,
    needs=("raw_syscalls:sys_enter",),
    arguments=("sys_enter(pt_regs*, number)",),
    cost_ns=1_700,
    unit="calls",
    parameters=(Choice("call", "Call", "Only this one; a busy program has too many of all.", ("", *_NAMES)),),
    states=(*_NAMES, "other"),
)
