"""Any tracepoint of the host's kernel."""

from profiler.core.probe import Emits, Probe, Text

PROBE = Probe(
    name="tracepoint",
    title="Any tracepoint",
    about="Which code passes a tracepoint that you name: each time counts one. Hosts list theirs in "
    "/sys/kernel/tracing/available_events. On a busy machine the kernel drops some events.",
    emits=Emits.STACKS,
    needs=(),
    cost_ns=1_800,
    unit="events",
    parameters=(
        Text(
            "event",
            "Tracepoint",
            "Its category and name.",
            r"[A-Za-z0-9_]{1,100}:[A-Za-z0-9_]{1,100}",
            "category:event, such as block:block_rq_issue",
            "sched:sched_process_fork",
        ),
    ),
)
