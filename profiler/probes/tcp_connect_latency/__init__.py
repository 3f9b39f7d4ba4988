"""How long it took to connect."""

from profiler.core.probe import COMM, PID, Emits, Histogram, Probe, Shows


def _outcome(established: int, _: int) -> tuple[str, ...]:
    return ("connected" if established else "failed",)


PROBE = Probe(
    name="tcp_connect_latency",
    title="TCP connect latency",
    about="How long outgoing TCP connections took until they stood, or until they were refused or given up.",
    emits=Emits.HISTOGRAM,
    needs=("sock:inet_sock_set_state",),
    cost_ns=800,
    parameters=(PID, COMM),
    arguments=("inet_sock_set_state(sock*, number, number)",),
    histogram=Histogram(
        Shows.DURATION,
        ("outcome",),
        _outcome,
        stack="The stack that called connect.",
    ),
)
