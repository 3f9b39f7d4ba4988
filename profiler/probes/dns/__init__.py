"""DNS queries over UDP, and their answers with the time these took."""

from collections.abc import Iterator

import numpy as np

from profiler.core.event_addresses import addresses
from profiler.core.event_columns import names, shown, words
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Probe, Record, Shows

# `struct event` of program.c.
EVENT = np.dtype(
    [
        ("at", "<u8"), ("took_ns", "<u8"), ("pid", "<u4"), ("family", "<u4"), ("server", "u1", 16), ("comm", "S16"),
        ("flags", "u1", 2), ("is_answer", "u1"), ("unused", "u1"), ("question", "u1", 260),
    ]
)  # fmt: skip
# RFC 1035 and its successors, as dig writes them.
_TYPES = {
    1: "A",
    2: "NS",
    5: "CNAME",
    6: "SOA",
    12: "PTR",
    15: "MX",
    16: "TXT",
    28: "AAAA",
    33: "SRV",
    64: "SVCB",
    65: "HTTPS",
    255: "ANY",
}
_CODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_MAX_LABEL = 63


def question(packed: bytes) -> tuple[str, str]:
    """Name and type of a question as it stands in a packet (RFC 1035, 4.1.2); what is damaged is told as it came."""
    labels = []
    at = 0
    while at < len(packed) and 0 < packed[at] <= _MAX_LABEL:
        labels.append(shown(packed[at + 1 : at + 1 + packed[at]]))
        at += 1 + packed[at]
    if at + 3 > len(packed) or packed[at] != 0:
        return ".".join([*labels, "…"]), ""
    number = int.from_bytes(packed[at + 1 : at + 3], "big")
    return ".".join(labels) or ".", _TYPES.get(number, f"TYPE{number}")


def _answers(events: Record) -> Iterator[str]:
    for is_answer, flags in zip(events["is_answer"].tolist(), events["flags"].tolist(), strict=True):
        code = flags[1] & 15
        yield _CODES.get(code, f"RCODE{code}") if is_answer else ""


def _decode(events: Record) -> Columns:
    questions = [question(packed.tobytes()) for packed in events["question"]]
    return {
        "at_ns": events["at"],
        "what": words(events["is_answer"], lambda is_answer: "answer" if is_answer else "query"),
        "pid": events["pid"],
        "name": names(events["comm"]),
        "host": [host for host, _ in questions],
        "type": [kind for _, kind in questions],
        "answer": list(_answers(events)),
        "took": events["took_ns"],
        "server": addresses(events["server"], events["family"]),
    }


PROBE = Probe(
    name="dns",
    title="DNS queries",
    about="Each query over UDP when it is sent, and its answer with the time it took. Queries over TCP, TLS and "
    "HTTPS are not seen, nor what a resolver of the host answers without asking.",
    emits=Emits.EVENTS,
    needs=("net:net_dev_queue", "net:netif_receive_skb"),
    cost_ns=2000,
    arguments=("net_dev_queue(sk_buff*)", "netif_receive_skb(sk_buff*)"),
    offsets=("sk_buff.head", "sk_buff.network_header"),
    parameters=(PID, COMM),
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("what", Shows.TEXT, "What", "query or answer"),
        Field("pid", Shows.PID, "Process"),
        Field("name", Shows.COMM, "Name"),
        Field("host", Shows.NAME, "Question", "The name that is asked for"),
        Field("type", Shows.TEXT, "Type"),
        Field("answer", Shows.TEXT, "Answer", "The answer's code"),
        Field("took", Shows.DURATION, "Took", "From the query to its answer"),
        Field("server", Shows.ADDRESS, "Server"),
    ),
    decode=_decode,
    record=EVENT,
)
