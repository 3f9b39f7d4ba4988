"""How long segments and their acknowledgements take."""

from profiler.core.probe import Emits, Histogram, Number, Probe, Shows


def _family(six: int, _: int) -> tuple[str, ...]:
    return ("IPv6" if six else "IPv4",)


PROBE = Probe(
    name="tcp_rtt",
    title="TCP round-trip time",
    about="The kernel's smoothed round-trip time of TCP connections, each time that a segment comes in. In examples "
    "the thread is whichever ran when it came.",
    emits=Emits.HISTOGRAM,
    needs=("tcp:tcp_probe",),
    cost_ns=150,
    parameters=(Number("port", "Port", "Only connections from or to this port; 0 for all.", 0, 65535, 0),),
    offsets=(
        "sock.__sk_common.skc_family",
        "sock.__sk_common.skc_dport",
        "inet_sock.inet_sport",
        "tcp_sock.srtt_us",
    ),
    arguments=("tcp_probe(sock*, sk_buff*)",),
    histogram=Histogram(
        Shows.DURATION,
        ("protocol",),
        _family,
        no_stack="A segment comes in on whatever runs just then: no stack tells why a round trip was long.",
    ),
)
