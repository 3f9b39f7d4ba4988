"""Signals with who sent them."""

import numpy as np

from profiler.core.event_columns import names, signal_name, words
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Number, Probe, Record, Shows

# `struct event` of program.c.
EVENT = np.dtype(
    [
        ("at", "<u8"), ("sender", "<u4"), ("target", "<u4"), ("signal", "<i4"), ("code", "<i4"), ("result", "<i4"),
        ("uid", "<u4"), ("sender_comm", "S16"), ("target_comm", "S16"),
    ]
)  # fmt: skip
# enum of include/trace/events/signal.h
_RESULTS = {0: "delivered", 1: "ignored", 2: "already pending", 3: "queue full", 4: "lost its details"}
# siginfo's codes that say where a signal came from (sigaction(2)).
_ORIGINS = {0: "kill", -1: "sigqueue", -2: "timer", -3: "message queue", -4: "asynchronous IO", -6: "tgkill"}


def _origin(code: int) -> str:
    return "kernel" if code > 0 else _ORIGINS.get(code, f"code {code}")


def _decode(events: Record) -> Columns:
    return {
        "at_ns": events["at"],
        "signal": words(events["signal"], signal_name),
        "sender": events["sender"],
        "sender_name": names(events["sender_comm"]),
        "uid": events["uid"],
        "target": events["target"],
        "target_name": names(events["target_comm"]),
        "origin": words(events["code"], _origin),
        "result": words(events["result"], lambda result: _RESULTS.get(result, str(result))),
    }


PROBE = Probe(
    name="signals",
    title="Signals",
    about="Each signal that is sent: which, by whom, to whom, and what became of it. A signal that the kernel sends is "
    "told with the process that was running.",
    emits=Emits.EVENTS,
    needs=("signal:signal_generate",),
    cost_ns=250,
    arguments=("signal_generate(number, kernel_siginfo*, task_struct*, number, number)",),
    offsets=("kernel_siginfo.si_code", "task_struct.pid", "task_struct.comm"),
    parameters=(PID, COMM, Number("signal", "Signal", "Only this number; 0 for all.", 0, 64, 0)),
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("signal", Shows.TEXT, "Signal"),
        Field("sender", Shows.PID, "Sender"),
        Field("sender_name", Shows.COMM, "Sender's name"),
        Field("uid", Shows.UID, "Sender's user"),
        Field("target", Shows.PID, "Target", "The thread, or the process it belongs to"),
        Field("target_name", Shows.COMM, "Target's name"),
        Field("origin", Shows.TEXT, "By", "How it was sent; kernel: by no process"),
        Field("result", Shows.TEXT, "Result"),
    ),
    decode=_decode,
    record=EVENT,
)
