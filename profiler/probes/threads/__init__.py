"""Threads that begin, and processes that are forked."""

import numpy as np

from profiler.core.event_columns import names, words
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Flag, Probe, Record, Shows

# `struct event` of program.c.
EVENT = np.dtype(
    [("at", "<u8"), ("pid", "<u4"), ("thread", "<u4"), ("uid", "<u4"), ("is_process", "<u4"), ("comm", "S16")]
)


def _decode(events: Record) -> Columns:
    return {
        "at_ns": events["at"],
        "what": words(events["is_process"], lambda is_process: "process" if is_process else "thread"),
        "pid": events["pid"],
        "name": names(events["comm"]),
        "uid": events["uid"],
        "thread": events["thread"],
    }


PROBE = Probe(
    name="threads",
    title="Threads started",
    about="Each thread that begins, with the process that it belongs to; new processes too, if asked for.",
    emits=Emits.EVENTS,
    needs=("task:task_newtask",),
    cost_ns=200,
    arguments=("task_newtask(task_struct*, number)",),
    offsets=("task_struct.pid",),
    parameters=(PID, COMM, Flag("processes", "Processes too", "Forked processes as well.")),
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("what", Shows.TEXT, "What", "thread or process"),
        Field("pid", Shows.PID, "Process", "The one that started it"),
        Field("name", Shows.COMM, "Name"),
        Field("uid", Shows.UID, "User"),
        Field("thread", Shows.PID, "New"),
    ),
    decode=_decode,
    record=EVENT,
)
