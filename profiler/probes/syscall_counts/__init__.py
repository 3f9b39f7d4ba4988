"""How many system calls each process makes."""

from profiler.core.probe import COMM, PID, Emits, Field, Probe, Shows
from profiler.core.process_counts import PROCESS, counted, counts_dtype

CALLS = Field("calls", Shows.NUMBER, "System calls")

PROBE = Probe(
    name="syscall_counts",
    title="System calls by process",
    about="How many system calls each process makes, second by second. Many are a program that asks the kernel for "
    "little at a time, or asks again and again.",
    emits=Emits.COUNTERS,
    needs=("raw_syscalls:sys_enter",),
    cost_ns=130,
    parameters=(PID, COMM),
    fields=(*PROCESS, CALLS),
    decode=counted(CALLS),
    record=counts_dtype(1),
)
