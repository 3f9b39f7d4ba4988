"""Programs that begin, can't begin, and end."""

import shlex
from collections.abc import Iterator

import numpy as np

from profiler.core.event_columns import error_name, names, shown, signal_name, split, until_zero, words
from profiler.core.event_paths import UNREADABLE
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Probe, Records, Shows, around_calls

# `struct event` of program.c; path and arguments follow.
EVENT = np.dtype(
    [
        ("at", "<u8"), ("took", "<u8"), ("pid", "<u4"), ("ppid", "<u4"), ("uid", "<u4"), ("result", "<i4"),
        ("what", "<u4"), ("arguments", "<u4"), ("path_bytes", "<u4"), ("args_bytes", "<u4"), ("comm", "S16"),
    ]
)  # fmt: skip
# `enum what` and `enum arguments`.
_WHATS = ("began", "failed", "ended")
_FAILED, _ENDED = 1, 2
_CUT, _UNREADABLE = 1, 2


def command(raw: bytes, state: int) -> str:
    """Arguments, each ended by a zero, as one would type them in a shell: where one ends can be seen."""
    words = raw.removesuffix(b"\0").split(b"\0") if raw else []
    typed = shlex.join(shown(word) for word in words)
    more = {_CUT: "…", _UNREADABLE: UNREADABLE}.get(state)
    return f"{typed} {more}".strip() if more else typed


def outcome(what: int, result: int) -> str:
    """The error of a call, or how a program ended (wait(2)): `status 1`, `SIGKILL`; empty where it went well."""
    if what == _FAILED:
        return error_name(-result)
    if what != _ENDED or result == 0:
        return ""
    return signal_name(result & 127) if result & 127 else f"status {result >> 8 & 255}"


def _decode(records: Records) -> Columns:
    heads, texts = split(records, EVENT)
    ends = zip(heads["path_bytes"].tolist(), heads["args_bytes"].tolist(), strict=True)
    parts = [(text[:path], text[path : path + args]) for text, (path, args) in zip(texts, ends, strict=True)]
    return {
        "at_ns": heads["at"],
        "what": words(heads["what"], _WHATS.__getitem__),
        "pid": heads["pid"],
        "ppid": heads["ppid"],
        "name": names(heads["comm"]),
        "uid": heads["uid"],
        "path": [until_zero(path) for path, _ in parts],
        "command": list(_commands(parts, heads["arguments"].tolist())),
        "outcome": [outcome(*pair) for pair in zip(heads["what"].tolist(), heads["result"].tolist(), strict=True)],
        "took": heads["took"],
    }


def _commands(parts: list[tuple[bytes, bytes]], states: list[int]) -> Iterator[str]:
    for (_, args), state in zip(parts, states, strict=True):
        yield command(args, state)


_CALLS = ("execve", "execveat")
PROBE = Probe(
    name="execs",
    title="Programs started",
    about="Each program that begins, with its arguments and who began it; each that could not; and when one of them "
    "ends, how long it ran and how it ended.",
    emits=Emits.EVENTS,
    needs=(
        *around_calls(*_CALLS),
        "sched:sched_process_exec",
        "sched:sched_process_exit",
    ),
    cost_ns=3000,
    parameters=(PID, COMM),
    arguments=("sched_process_exec(task_struct*, number, linux_binprm*)",),
    offsets=(
        "linux_binprm.filename",
        "task_struct.real_parent", "task_struct.tgid", "task_struct.mm", "task_struct.signal", "task_struct.exit_code",
        "mm_struct.arg_start", "mm_struct.arg_end", "signal_struct.live",
    ),
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("what", Shows.TEXT, "What", "began, failed or ended"),
        Field("pid", Shows.PID, "Process"),
        Field("ppid", Shows.PID, "Parent"),
        Field("name", Shows.COMM, "Name"),
        Field("uid", Shows.UID, "User"),
        Field("path", Shows.PATH, "Program", "As it was given"),
        Field("command", Shows.COMMAND, "Arguments", "As one would type them; values named like secrets are ***"),
        Field("outcome", Shows.TEXT, "Outcome", "Error, exit status or signal; empty: it went well"),
        Field("took", Shows.DURATION, "Ran for"),
    ),
    decode=_decode,
)  # fmt: skip
