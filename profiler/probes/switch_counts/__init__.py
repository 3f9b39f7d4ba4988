"""How often threads of each process leave a CPU."""

from profiler.core.probe import COMM, PID, Emits, Field, Probe, Shows
from profiler.core.process_counts import PROCESS, counted, counts_dtype

VOLUNTARY = Field("voluntary", Shows.NUMBER, "Waited", "it had to wait for something")
INVOLUNTARY = Field("involuntary", Shows.NUMBER, "Put aside", "it could have gone on, but another thread got the CPU")

PROBE = Probe(
    name="switch_counts",
    title="Context switches by process",
    about="How often threads of each process leave a CPU, second by second: because they wait for something, or "
    "because another thread gets it. Many of the first are work in small pieces or a lock, many of the second too few "
    "CPUs.",
    emits=Emits.COUNTERS,
    needs=("sched:sched_switch",),
    cost_ns=450,
    parameters=(PID, COMM),
    fields=(*PROCESS, VOLUNTARY, INVOLUNTARY),
    decode=counted(VOLUNTARY, INVOLUNTARY),
    record=counts_dtype(2),
)
