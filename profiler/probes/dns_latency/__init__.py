"""How long DNS servers took to answer."""

from profiler.core.probe import COMM, PID, Emits, Histogram, Probe, Shows

# RFC 1035, 4.1.1
_RESULTS = {0: "answered", 1: "format error", 2: "server failed", 3: "no such name", 4: "not implemented", 5: "refused"}


def _result(code: int, _: int) -> tuple[str, ...]:
    return (_RESULTS.get(code, f"code {code}"),)


PROBE = Probe(
    name="dns_latency",
    title="DNS latency",
    about="From a DNS query over UDP that leaves this host to its answer, by what the answer says. Queries without an "
    "answer are not in it.",
    emits=Emits.HISTOGRAM,
    needs=("net:net_dev_queue", "net:netif_receive_skb"),
    cost_ns=650,
    parameters=(PID, COMM),
    offsets=("sk_buff.head", "sk_buff.data", "sk_buff.network_header"),
    arguments=("net_dev_queue(sk_buff*)", "netif_receive_skb(sk_buff*)"),
    histogram=Histogram(
        Shows.DURATION,
        ("answer",),
        _result,
        stack="The stack that sent the query.",
    ),
)
