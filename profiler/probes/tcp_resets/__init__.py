"""Connections of TCP that are broken off."""

import numpy as np

from profiler.core.event_addresses import addresses
from profiler.core.event_columns import words
from profiler.core.probe import Columns, Emits, Field, Probe, Record, Shows

# `struct event` of program.c.
EVENT = np.dtype(
    [
        ("at", "<u8"), ("direction", "<u4"), ("family", "<u4"), ("local_port", "<u2"), ("remote_port", "<u2"),
        ("unused", "<u4"), ("local", "u1", 16), ("remote", "u1", 16),
    ]
)  # fmt: skip
_DIRECTIONS = {1: "received", 2: "sent"}


def _decode(events: Record) -> Columns:
    return {
        "at_ns": events["at"],
        "direction": words(events["direction"], lambda number: _DIRECTIONS.get(number, str(number))),
        "local": addresses(events["local"], events["family"]),
        "local_port": events["local_port"],
        "remote": addresses(events["remote"], events["family"]),
        "remote_port": events["remote_port"],
    }


PROBE = Probe(
    name="tcp_resets",
    title="TCP resets",
    about="Each connection that one side breaks off: resets that come, and those that this host sends on a connection "
    "of its own. Refusals at a port where nobody listens are not shown: they belong to no connection.",
    emits=Emits.EVENTS,
    needs=("tcp:tcp_receive_reset", "tcp:tcp_send_reset"),
    cost_ns=1000,
    arguments=("tcp_receive_reset(sock*)", "tcp_send_reset(sock*)"),
    offsets=(
        "sock.__sk_common.skc_family",
        "inet_sock.inet_sport",
        "sock.__sk_common.skc_dport",
        "sock.__sk_common.skc_rcv_saddr",
        "sock.__sk_common.skc_daddr",
        "sock.__sk_common.skc_v6_rcv_saddr",
        "sock.__sk_common.skc_v6_daddr",
    ),
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("direction", Shows.TEXT, "Reset", "received, or sent by this host"),
        Field("local", Shows.ADDRESS, "Local address"),
        Field("local_port", Shows.PORT, "Port"),
        Field("remote", Shows.ADDRESS, "Remote address"),
        Field("remote_port", Shows.PORT, "Remote port"),
    ),
    decode=_decode,
    record=EVENT,
)
