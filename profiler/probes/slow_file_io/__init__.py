"""Reading, writing and syncing of files that take long."""

import numpy as np

from profiler.core.event_columns import errors, names, shown, split, words
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Number, Probe, Records, Shows, around_calls

# `struct event` of program.c; the names of the file and of the directories above follow, each with a zero.
EVENT = np.dtype(
    [
        ("at", "<u8"), ("took", "<u8"), ("result", "<i8"), ("pid", "<u4"), ("operation", "<u4"), ("names", "<u4"),
        ("bytes", "<u4"), ("comm", "S16"), ("system", "S32"),
    ]
)  # fmt: skip
_OPERATIONS = ("read", "write", "sync")
_MAX_DEPTH = 16
_CALLS = (
    "read", "pread64", "readv", "preadv", "preadv2", "write", "pwrite64", "writev", "pwritev", "pwritev2", "fsync",
    "fdatasync",
)  # fmt: skip


def path(raw: bytes, depth: int) -> str:
    """From the root of the file system; `…` stands for directories above those that were read."""
    found = [shown(name) for name in raw.split(b"\0")[:depth]]
    return ("…" if depth >= _MAX_DEPTH else "") + "/" + "/".join(reversed(found))


def _decode(records: Records) -> Columns:
    heads, texts = split(records, EVENT)
    depths = heads["names"].tolist()
    return {
        "at_ns": heads["at"],
        "took": heads["took"],
        "operation": words(heads["operation"], _OPERATIONS.__getitem__),
        "path": [path(text, depth) for text, depth in zip(texts, depths, strict=True)],
        "system": names(heads["system"]),
        "bytes": np.maximum(heads["result"], 0).astype("<u8"),
        "pid": heads["pid"],
        "name": names(heads["comm"]),
        "error": errors(heads["result"]),
    }


PROBE = Probe(
    name="slow_file_io",
    title="Slow reads and writes of files",
    about="Each call that reads, writes or syncs a file and takes longer than a limit: with what disks, caches and "
    "locks of the file system add to it. Memory-mapped files are not seen.",
    emits=Emits.EVENTS,
    needs=around_calls(*_CALLS),
    cost_ns=600,
    parameters=(
        PID,
        COMM,
        Number("min_us", "Slower than", "What is faster is not told.", 0, 60_000_000, 10_000, "µs"),
    ),
    offsets=(
        "task_struct.files", "files_struct.fdt", "fdtable.fd", "fdtable.max_fds", "file.f_inode", "file.f_path.dentry",
        "inode.i_mode", "inode.i_sb", "super_block.s_id", "dentry.d_name.name", "dentry.d_parent",
    ),
    fields=(
        Field("at_ns", Shows.TIME, "Time", "When the call began"),
        Field("took", Shows.DURATION, "Took"),
        Field("operation", Shows.TEXT, "Operation"),
        Field("path", Shows.PATH, "Path", "Below the root of its file system"),
        Field("system", Shows.TEXT, "File system", "The disk's name, or the kind of one without a disk"),
        Field("bytes", Shows.BYTES, "Read or written"),
        Field("pid", Shows.PID, "Process"),
        Field("name", Shows.COMM, "Name"),
        Field("error", Shows.ERROR, "Error"),
    ),
    decode=_decode,
)  # fmt: skip
