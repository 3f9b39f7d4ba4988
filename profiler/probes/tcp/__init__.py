"""Connections of TCP: made, refused, taken, ended."""

import numpy as np

from profiler.core.event_addresses import addresses
from profiler.core.event_columns import error_name, names, words
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Number, Probe, Record, Shows

# `struct event` of program.c.
EVENT = np.dtype(
    [
        ("at", "<u8"), ("lasted_ns", "<u8"), ("sent", "<u8"), ("received", "<u8"), ("pid", "<u4"), ("what", "<u4"),
        ("round_trip_us", "<u4"), ("retransmits", "<u4"), ("error", "<i4"), ("local_port", "<u2"),
        ("remote_port", "<u2"), ("family", "<u4"), ("side", "<u4"), ("local", "u1", 16), ("remote", "u1", 16),
        ("comm", "S16"),
    ]
)  # fmt: skip
_SIDES = {1: "client", 2: "server"}
_WHAT = {1: "connect", 2: "failed", 3: "accept", 4: "close"}


def _decode(events: Record) -> Columns:
    return {
        "at_ns": events["at"],
        "what": words(events["what"], lambda what: _WHAT.get(what, str(what))),
        "pid": events["pid"],
        "name": names(events["comm"]),
        "side": words(events["side"], lambda side: _SIDES.get(side, "")),
        "local": addresses(events["local"], events["family"]),
        "local_port": events["local_port"],
        "remote": addresses(events["remote"], events["family"]),
        "remote_port": events["remote_port"],
        "lasted": events["lasted_ns"],
        "sent": events["sent"],
        "received": events["received"],
        "round_trip": events["round_trip_us"].astype(np.uint64) * 1000,
        "retransmits": events["retransmits"],
        "error": words(events["error"], error_name),
    }


PROBE = Probe(
    name="tcp",
    title="TCP connections",
    about="Each connection when it is made, refused, taken and ended; at its end with how long it lasted, the bytes of "
    "each direction, the round-trip time and packets that were sent again.",
    emits=Emits.EVENTS,
    needs=("sock:inet_sock_set_state",),
    cost_ns=1500,
    arguments=("inet_sock_set_state(sock*, number, number)",),
    offsets=(
        "sock.sk_protocol",
        "sock.__sk_common.skc_family",
        "inet_sock.inet_sport",
        "sock.__sk_common.skc_dport",
        "sock.__sk_common.skc_rcv_saddr",
        "sock.__sk_common.skc_daddr",
        "sock.__sk_common.skc_v6_rcv_saddr",
        "sock.__sk_common.skc_v6_daddr",
        "tcp_sock.bytes_sent",
        "tcp_sock.bytes_retrans",
        "tcp_sock.bytes_received",
        "tcp_sock.srtt_us",
        "tcp_sock.total_retrans",
        "sock.__sk_common.skc_flags",
        "sock.sk_err",
    ),
    parameters=(
        PID,
        COMM,
        Number("port", "Port", "Only connections with this port on either side; 0 for all.", 0, 65535, 0),
    ),
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("what", Shows.TEXT, "What", "connect, failed, accept or close"),
        Field("pid", Shows.PID, "Process", "Who made it, or listens there; of what began before the feed who ended it"),
        Field("name", Shows.COMM, "Name"),
        Field("side", Shows.TEXT, "Side", "Empty for what began before the feed"),
        Field("local", Shows.ADDRESS, "Local address"),
        Field("local_port", Shows.PORT, "Port"),
        Field("remote", Shows.ADDRESS, "Remote address"),
        Field("remote_port", Shows.PORT, "Remote port"),
        Field(
            "lasted",
            Shows.DURATION,
            "Took",
            "connect: until the other side answered; close: the whole connection; 0: not known",
        ),
        Field("sent", Shows.BYTES, "Sent", "Bytes that programs sent, those sent again not counted"),
        Field("received", Shows.BYTES, "Received"),
        Field("round_trip", Shows.DURATION, "Round trip", "The kernel's smoothed estimate at the end"),
        Field("retransmits", Shows.NUMBER, "Sent again", "Packets"),
        Field("error", Shows.ERROR, "Error"),
    ),
    decode=_decode,
    record=EVENT,
)
