"""Processes that the kernel kills for want of memory."""

import numpy as np

from profiler.core.event_columns import names
from profiler.core.probe import Columns, Emits, Field, Hook, Probe, Record, Shows

# `struct event` of program.c.
EVENT = np.dtype(
    [
        ("at", "<u8"), ("total_kb", "<u8"), ("anonymous_kb", "<u8"), ("file_kb", "<u8"), ("shared_kb", "<u8"),
        ("victim", "<u4"), ("uid", "<u4"), ("pid", "<u4"), ("adjustment", "<i4"), ("comm", "S16"),
        ("victim_comm", "S16"),
    ]
)  # fmt: skip
# Fields of the event since Linux 6.9.
_TOLD = ("pid", "comm", "total_vm", "anon_rss", "file_rss", "shmem_rss", "uid", "oom_score_adj")


def _decode(events: Record) -> Columns:
    return {
        "at_ns": events["at"],
        "victim": events["victim"],
        "victim_name": names(events["victim_comm"]),
        "uid": events["uid"],
        "anonymous": events["anonymous_kb"] * 1024,
        "file": events["file_kb"] * 1024,
        "shared": events["shared_kb"] * 1024,
        "total": events["total_kb"] * 1024,
        "adjustment": events["adjustment"],
        "pid": events["pid"],
        "name": names(events["comm"]),
    }


PROBE = Probe(
    name="oom_kills",
    title="Kills for want of memory",
    about="Each process that the kernel's out-of-memory killer ends, with the memory that it had, and the process "
    "whose need of memory led to it.",
    emits=Emits.EVENTS,
    needs=("oom:mark_victim",),
    hooks=(
        Hook(
            "memory told",
            "the kernel tells what the victim's memory was",
            "MEMORY_TOLD",
            formats=tuple(f"oom:mark_victim.{field}" for field in _TOLD),
        ),
        Hook(
            "number alone",
            "the kernel tells the victim's number alone: its name is empty, its user 4294967295, its memory 0",
            "NUMBER_TOLD",
            arguments=("mark_victim(number)",),
        ),
    ),
    cost_ns=0,
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("victim", Shows.PID, "Killed"),
        Field("victim_name", Shows.COMM, "Its name"),
        Field("uid", Shows.UID, "Its user"),
        Field("anonymous", Shows.BYTES, "Anonymous memory"),
        Field("file", Shows.BYTES, "Memory of files"),
        Field("shared", Shows.BYTES, "Shared memory"),
        Field("total", Shows.BYTES, "Address space"),
        Field("adjustment", Shows.NUMBER, "Adjustment", "oom_score_adj: -1000 never, 1000 first"),
        Field("pid", Shows.PID, "Asked for memory"),
        Field("name", Shows.COMM, "Its name"),
    ),
    decode=_decode,
    record=EVENT,
)
