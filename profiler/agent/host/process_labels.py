"""What processes say of themselves, for service rules: their name, and the variables that rules look at.

An environment holds secrets. Only variables that the server's rules ask for and this agent's own list allows are read
out of it; the list names those that are made to name services, and whoever starts the agent adds to it.
"""

from collections.abc import Collection, Iterable

from profiler.agent.host.processes import KERNEL_THREAD, MAX_COMM
from profiler.core.batch import MAX_VARIABLE
from profiler.core.groups import ProcessLabels

ALLOWED_VARIABLES = ("OTEL_SERVICE_NAME", "DD_SERVICE", "SERVICE_NAME", "APP_NAME")
# Linux gives an environment up to a quarter of the stack's limit; what names a service is not behind megabytes.
MAX_ENVIRON_BYTES = 256 * 1024
# Field of /proc/PID/stat behind the name in parentheses, counted from 0 (proc(5) counts from 3).
_FLAGS = 6
_STAT_BYTES = 4096


def process_labels(pids: Iterable[int], variables: Collection[str]) -> dict[int, ProcessLabels]:
    """Those of the processes that are still there. `variables` are read as they are: see `allowed` before."""
    found = ((pid, _labels(pid, variables)) for pid in pids if pid > 0)
    return {pid: labels for pid, labels in found if labels is not None}


def _labels(pid: int, variables: Collection[str]) -> ProcessLabels | None:
    head, found, tail = _read(f"/proc/{pid}/stat", _STAT_BYTES).rpartition(b")")
    if not found:
        return None
    comm = head.partition(b"(")[2].decode(errors="replace")[:MAX_COMM]
    if int(tail.split()[_FLAGS]) & KERNEL_THREAD:
        return ProcessLabels(comm, kernel=True)
    return ProcessLabels(comm, variables=read_variables(pid, variables))


def read_variables(pid: int, variables: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Those of them that the process was started with, by name."""
    if not variables:
        return ()
    environ = _read(f"/proc/{pid}/environ", MAX_ENVIRON_BYTES)
    pairs = (entry.decode(errors="replace").partition("=") for entry in environ.split(b"\0"))
    return tuple(sorted((name, value[:MAX_VARIABLE]) for name, _, value in pairs if name in variables and value))


def _read(path: str, limit: int) -> bytes:
    """Empty when the process is gone."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 called for each process of a profile
            parts = []
            while limit > 0 and (part := file.read(limit)):
                parts.append(part)
                limit -= len(part)
            return b"".join(parts)
    except OSError:
        return b""
