"""Page faults of user code."""

from profiler.core.probe import Emits, Probe

PROBE = Probe(
    name="page_faults",
    title="Page faults",
    about="Which code touches memory that is not there yet: each fault of a program, the first touch of each new page.",
    emits=Emits.STACKS,
    needs=("exceptions:page_fault_user",),
    cost_ns=1_600,
    unit="faults",
)
