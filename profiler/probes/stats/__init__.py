"""Files whose attributes programs ask for: those that are not there, above all."""

from profiler.core.event_columns import words
from profiler.core.event_paths import HEADERS, path_calls
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Flag, Probe, Records, Shows, around_calls

# By the kernel's names of the system calls; those in use are stat(2), access(2) and readlink(2).
_CALLS = (
    "newstat", "newlstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "readlink", "readlinkat",
)  # fmt: skip


def _decode(records: Records) -> Columns:
    calls = path_calls(records)
    return {**calls.common, "call": words(calls.heads["what"], lambda call: _CALLS[call].removeprefix("new"))}


PROBE = Probe(
    name="stats",
    title="Files looked for",
    about="Each question whether a file is there and what it is: stat, access and readlink. Failures alone show where "
    "a program looks for what it does not find.",
    emits=Emits.EVENTS,
    needs=around_calls(*_CALLS),
    cost_ns=450,
    parameters=(PID, COMM, Flag("failed", "Failures only", "Only what was not found or not allowed.", default=True)),
    headers=HEADERS,
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("pid", Shows.PID, "Process"),
        Field("name", Shows.COMM, "Name"),
        Field("uid", Shows.UID, "User"),
        Field("path", Shows.PATH, "Path", "As it was given; empty: of a descriptor"),
        Field("error", Shows.ERROR, "Error"),
        Field("took", Shows.DURATION, "Took"),
        Field("call", Shows.TEXT, "Call"),
    ),
    decode=_decode,
)
