"""Packets of TCP that are sent again."""

import numpy as np

from profiler.core.event_addresses import addresses
from profiler.core.event_columns import words
from profiler.core.probe import Columns, Emits, Field, Number, Probe, Record, Shows

# `struct event` of program.c.
EVENT = np.dtype(
    [
        ("at", "<u8"), ("state", "<u4"), ("family", "<u4"), ("local_port", "<u2"), ("remote_port", "<u2"),
        ("unused", "<u4"), ("local", "u1", 16), ("remote", "u1", 16),
    ]
)  # fmt: skip
# include/net/tcp_states.h, from 1 on.
STATES = (
    "established", "SYN sent", "SYN received", "FIN wait 1", "FIN wait 2", "time wait", "closed", "close wait",
    "last ACK", "listening", "closing", "new SYN received",
)  # fmt: skip


def state_name(number: int) -> str:
    return STATES[number - 1] if 0 < number <= len(STATES) else str(number)


def _decode(events: Record) -> Columns:
    return {
        "at_ns": events["at"],
        "local": addresses(events["local"], events["family"]),
        "local_port": events["local_port"],
        "remote": addresses(events["remote"], events["family"]),
        "remote_port": events["remote_port"],
        "state": words(events["state"], state_name),
    }


PROBE = Probe(
    name="tcp_retransmits",
    title="TCP retransmits",
    about="Each packet that the kernel sends again because no answer came: a network that loses packets, or a "
    "server that takes no more connections. A timer does it, so no process is told.",
    emits=Emits.EVENTS,
    needs=("tcp:tcp_retransmit_skb",),
    cost_ns=1000,
    arguments=("tcp_retransmit_skb(sock*)",),
    offsets=(
        "sock.__sk_common.skc_family",
        "inet_sock.inet_sport",
        "sock.__sk_common.skc_dport",
        "sock.__sk_common.skc_rcv_saddr",
        "sock.__sk_common.skc_daddr",
        "sock.__sk_common.skc_v6_rcv_saddr",
        "sock.__sk_common.skc_v6_daddr",
        "sock.__sk_common.skc_state",
    ),
    parameters=(Number("port", "Port", "Only connections with this port on either side; 0 for all.", 0, 65535, 0),),
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("local", Shows.ADDRESS, "Local address"),
        Field("local_port", Shows.PORT, "Port"),
        Field("remote", Shows.ADDRESS, "Remote address"),
        Field("remote_port", Shows.PORT, "Remote port"),
        Field("state", Shows.TEXT, "State", "SYN sent: the other side has not answered at all"),
    ),
    decode=_decode,
    record=EVENT,
)
