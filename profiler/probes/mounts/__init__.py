"""File systems that are mounted and unmounted."""

import numpy as np

from profiler.core.event_columns import errors, names, words
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Probe, Record, Shows, around_calls

# `struct event` of program.c.
EVENT = np.dtype(
    [
        ("at", "<u8"), ("took", "<u8"), ("pid", "<u4"), ("uid", "<u4"), ("result", "<i4"), ("what", "<u4"),
        ("flags", "<u8"), ("comm", "S16"), ("source", "S512"), ("target", "S512"), ("type", "S32"),
    ]
)  # fmt: skip
_WHATS = ("mount", "unmount", "move")
_CALLS = ("mount", "umount", "move_mount")


def _decode(events: Record) -> Columns:
    return {
        "at_ns": events["at"],
        "what": words(events["what"], _WHATS.__getitem__),
        "pid": events["pid"],
        "name": names(events["comm"]),
        "uid": events["uid"],
        "source": names(events["source"]),
        "target": names(events["target"]),
        "type": names(events["type"]),
        "flags": words(events["flags"], hex),
        "error": errors(events["result"]),
        "took": events["took"],
    }


PROBE = Probe(
    name="mounts",
    title="Mounts",
    about="Each file system that is mounted, moved or unmounted, and each attempt that failed. Of the newer calls "
    "(fsopen, move_mount) the last one, which puts it into its place.",
    emits=Emits.EVENTS,
    needs=around_calls(*_CALLS),
    cost_ns=500,
    parameters=(PID, COMM),
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("what", Shows.TEXT, "What"),
        Field("pid", Shows.PID, "Process"),
        Field("name", Shows.COMM, "Name"),
        Field("uid", Shows.UID, "User"),
        Field("source", Shows.PATH, "Source"),
        Field("target", Shows.PATH, "Target"),
        Field("type", Shows.TEXT, "Type"),
        Field("flags", Shows.TEXT, "Flags"),
        Field("error", Shows.ERROR, "Error"),
        Field("took", Shows.DURATION, "Took"),
    ),
    decode=_decode,
    record=EVENT,
)
