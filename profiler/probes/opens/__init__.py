"""Files that are opened, or can't be."""

from profiler.core.event_columns import words
from profiler.core.event_paths import HEADERS, path_calls
from profiler.core.probe import COMM, PID, Columns, Emits, Field, Flag, Probe, Records, Shows, around_calls

_CALLS = ("open", "openat", "openat2", "creat")
_ACCESS = ("O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE")
# open(2) on x86 and most others; the numbers are octal there too.
_FLAGS = {
    0o100: "O_CREAT", 0o200: "O_EXCL", 0o400: "O_NOCTTY", 0o1000: "O_TRUNC", 0o2000: "O_APPEND", 0o4000: "O_NONBLOCK",
    0o10000: "O_DSYNC", 0o40000: "O_DIRECT", 0o200000: "O_DIRECTORY", 0o400000: "O_NOFOLLOW", 0o1000000: "O_NOATIME",
    0o2000000: "O_CLOEXEC", 0o4000000: "O_SYNC", 0o10000000: "O_PATH", 0o20000000: "O_TMPFILE",
}  # fmt: skip


def flag_names(flags: int) -> str:
    """As a program writes them: `O_WRONLY|O_CREAT|O_TRUNC`."""
    return "|".join([_ACCESS[flags & 3], *(name for bit, name in _FLAGS.items() if flags & bit)])


def _decode(records: Records) -> Columns:
    calls = path_calls(records)
    return {
        **calls.common,
        "flags": words(calls.heads["flags"], flag_names),
        "descriptor": calls.heads["result"],
        "call": words(calls.heads["what"], _CALLS.__getitem__),
    }


PROBE = Probe(
    name="opens",
    title="Files opened",
    about="Each file that a program opens or fails to open, with the path as the program gave it.",
    emits=Emits.EVENTS,
    needs=around_calls(*_CALLS),
    cost_ns=500,
    parameters=(PID, COMM, Flag("failed", "Failures only", "Only what could not be opened.")),
    headers=HEADERS,
    fields=(
        Field("at_ns", Shows.TIME, "Time"),
        Field("pid", Shows.PID, "Process"),
        Field("name", Shows.COMM, "Name"),
        Field("uid", Shows.UID, "User"),
        Field("path", Shows.PATH, "Path", "As it was given: a relative one is below a directory that is not told"),
        Field("flags", Shows.TEXT, "Flags"),
        Field("descriptor", Shows.NUMBER, "Descriptor", "Negative: it failed"),
        Field("error", Shows.ERROR, "Error"),
        Field("took", Shows.DURATION, "Took"),
        Field("call", Shows.TEXT, "Call"),
    ),
    decode=_decode,
)
