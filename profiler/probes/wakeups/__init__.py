"""Who wakes threads, and how often."""

from profiler.core.probe import Emits, Probe

PROBE = Probe(
    name="wakeups",
    title="Wake-ups",
    about="Where threads wake others: each wake-up counts one, at the stack of who did it.",
    emits=Emits.STACKS,
    needs=("sched:sched_waking",),
    cost_ns=6_000,
    unit="wake-ups",
)
