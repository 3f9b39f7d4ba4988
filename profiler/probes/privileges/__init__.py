"""Capabilities that processes use, or are refused."""

import numpy as np

from profiler.core.event_columns import errors, names, words
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Flag, Number, Probe, Record, Shows

# `struct event` of program.c.
EVENT = np.dtype(
    [("at", "<u8"), ("pid", "<u4"), ("uid", "<u4"), ("capability", "<i4"), ("result", "<i4"), ("comm", "S16")]
)
# capabilities(7), by number.
CAPABILITIES = (
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
)  # fmt: skip


def _name(number: int) -> str:
    return f"CAP_{CAPABILITIES[number]}" if 0 <= number < len(CAPABILITIES) else str(number)


def _decode(events: Record) -> Columns:
    return {
        "at_ns": events["at"],
        "pid": events["pid"],
        "name": names(events["comm"]),
        "uid": events["uid"],
        "capability": words(events["capability"], _name),
        "error": errors(events["result"]),
    }


PROBE = Probe(
    name="privileges",
    title="Privileges used",
    about="Each capability that a process needs for something, and whether it has it. The kernel asks often, and not "
    "always because a program needs the answer: so each process's first use of each is told, unless all are wanted.",
    emits=Emits.EVENTS,
    needs=("capability:cap_capable",),
    cost_ns=200,
    arguments=("cap_capable(cred*, user_namespace*, user_namespace*, number, number)",),
    parameters=(
        PID,
        COMM,
        Number("capability", "Capability", "Only this number; -1 for all.", -1, 63, -1),
        Flag("denied", "Refusals only", "Only what was refused."),
        Flag("each", "Each use", "Not only a process's first use of each capability."),
    ),
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("pid", Shows.PID, "Process"),
        Field("name", Shows.COMM, "Name"),
        Field("uid", Shows.UID, "User"),
        Field("capability", Shows.TEXT, "Capability"),
        Field("error", Shows.ERROR, "Refused"),
    ),
    decode=_decode,
    record=EVENT,
)
