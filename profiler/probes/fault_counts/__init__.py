"""How many page faults each process has."""

from profiler.core.probe import COMM, PID, Emits, Field, Probe, Shows
from profiler.core.process_counts import PROCESS, counted, counts_dtype

READS = Field("reads", Shows.NUMBER, "Reads", "and instructions that are fetched")
WRITES = Field("writes", Shows.NUMBER, "Writes")

PROBE = Probe(
    name="fault_counts",
    title="Page faults by process",
    about="How many pages each process touches that it has no access to yet, second by second: memory that it begins "
    "to use, pages of files, copies after a fork.",
    emits=Emits.COUNTERS,
    needs=("exceptions:page_fault_user",),
    cost_ns=150,
    arguments=("page_fault_user(number, pt_regs*, number)",),
    parameters=(PID, COMM),
    fields=(*PROCESS, READS, WRITES),
    decode=counted(READS, WRITES),
    record=counts_dtype(2),
)
