"""Modules of the kernel that are loaded and unloaded."""

import numpy as np

from profiler.core.event_columns import names, words
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Probe, Record, Shows

# `struct event` of program.c.
EVENT = np.dtype(
    [
        ("at", "<u8"), ("pid", "<u4"), ("uid", "<u4"), ("is_load", "<u4"), ("taints", "<u4"), ("comm", "S16"),
        ("module", "S56"),
    ]
)  # fmt: skip
# The taints that a module can bring (Documentation/admin-guide/tainted-kernels.rst), by bit.
_TAINTS = {0: "proprietary", 1: "forced", 10: "staging", 12: "out of tree", 13: "unsigned"}


def _taints(bits: int) -> str:
    return ", ".join(name for bit, name in _TAINTS.items() if bits >> bit & 1)


def _decode(events: Record) -> Columns:
    return {
        "at_ns": events["at"],
        "what": words(events["is_load"], lambda is_load: "load" if is_load else "unload"),
        "module": names(events["module"]),
        "taints": words(events["taints"], _taints),
        "pid": events["pid"],
        "name": names(events["comm"]),
        "uid": events["uid"],
    }


PROBE = Probe(
    name="modules",
    title="Modules of the kernel",
    about="Each module that is loaded or unloaded, with the process that did it.",
    emits=Emits.EVENTS,
    needs=("module:module_load", "module:module_free"),
    cost_ns=0,
    arguments=("module_load(module*)", "module_free(module*)"),
    offsets=("module.name", "module.taints"),
    parameters=(PID, COMM),
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("what", Shows.TEXT, "What"),
        Field("module", Shows.TEXT, "Module"),
        Field("taints", Shows.TEXT, "Taints", "What it does to the kernel's state of being supported"),
        Field("pid", Shows.PID, "Process"),
        Field("name", Shows.COMM, "Name"),
        Field("uid", Shows.UID, "User"),
    ),
    decode=_decode,
    record=EVENT,
)
