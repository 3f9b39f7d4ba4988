"""Files and directories that are made, removed and renamed."""

from profiler.core.event_columns import words
from profiler.core.event_paths import HEADERS, path_calls
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Probe, Records, Shows, around_calls

# `enum change` of program.c.
_CHANGES = ("create", "remove", "make directory", "remove directory", "rename", "link", "symbolic link", "make node")
_CALLS = (
    "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link", "linkat", "symlink",
    "symlinkat", "mknod", "mknodat", "open", "openat", "openat2", "creat",
)  # fmt: skip


def _decode(records: Records) -> Columns:
    calls = path_calls(records)
    return {**calls.common, "what": words(calls.heads["what"], _CHANGES.__getitem__), "other": calls.others}


PROBE = Probe(
    name="file_changes",
    title="Files made and removed",
    about="Each file or directory that is created, removed, renamed or linked, and each attempt to that failed "
    "(opening a file that is there already creates none).",
    emits=Emits.EVENTS,
    needs=around_calls(*_CALLS),
    cost_ns=750,
    parameters=(PID, COMM),
    offsets=("task_struct.files", "files_struct.fdt", "fdtable.fd", "fdtable.max_fds", "file.f_mode"),
    headers=HEADERS,
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("what", Shows.TEXT, "What"),
        Field("pid", Shows.PID, "Process"),
        Field("name", Shows.COMM, "Name"),
        Field("uid", Shows.UID, "User"),
        Field("path", Shows.PATH, "Path", "As it was given: a relative one is below a directory that is not told"),
        Field("other", Shows.PATH, "New name or target"),
        Field("error", Shows.ERROR, "Error"),
        Field("took", Shows.DURATION, "Took"),
    ),
    decode=_decode,
)
