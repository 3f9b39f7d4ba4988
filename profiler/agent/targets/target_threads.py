"""The threads that a recording is about, as they are now: for programs that are told of changes only."""

import contextlib
import os
from collections.abc import Iterator, Set
from pathlib import Path
from typing import NamedTuple

from profiler.agent.targets.target_groups import TargetGroup
from profiler.core.spec import RecordingSpec

# Fields of /proc/PID/task/TID/stat behind the name in parentheses, counted from 0.
_STATE, _FLAGS = 0, 6
_KERNEL_THREAD = 0x200000  # PF_KTHREAD
_ENDED = ("Z", "X")


class ThreadNow(NamedTuple):
    """`state` is the letter of proc(5)."""

    pid: int
    tid: int
    comm: str
    state: str
    is_kernel: bool


def target_threads(spec: RecordingSpec, group: TargetGroup | None, followed: Set[int]) -> Iterator[ThreadNow]:
    """`followed`: processes that count whatever else is asked of them."""
    members = group.directory.tids() if group else None
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 (half the time of iterdir)
    for pid in pids:
        if spec.pids and pid not in spec.pids and pid not in followed:
            continue
        for thread in threads(pid):
            if pid in followed or _passes(thread, spec, members):
                yield thread


def threads(pid: int) -> Iterator[ThreadNow]:
    """Those of a process that are there now."""
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            with contextlib.suppress(OSError):
                yield _thread(pid, int(name))


def is_there(thread: ThreadNow) -> bool:
    """Whether it has not ended; a zombie has."""
    try:
        return _thread(thread.pid, thread.tid).state not in _ENDED
    except OSError:
        return False


def exec_ns(tid: int) -> int:
    """Time on CPUs that the kernel has counted of a thread; 0 when it has ended."""
    try:
        return int(Path(f"/proc/{tid}/schedstat").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def kernel_frames(thread: ThreadNow) -> list[tuple[str, str]]:
    """Functions that it waits in, and their modules (empty: the kernel itself), innermost first; none when it runs."""
    try:
        lines = Path(f"/proc/{thread.pid}/task/{thread.tid}/stack").read_text().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, _, place = line.partition(" ")
        name, _, module = place.partition(" ")
        found.append((name.partition("+")[0], module.strip("[] ")))
    return found


def _passes(thread: ThreadNow, spec: RecordingSpec, members: Set[int] | None) -> bool:
    return (
        (not spec.pids or thread.pid in spec.pids)
        and (not spec.tids or thread.tid in spec.tids)
        and (spec.comm is None or thread.comm == spec.comm)
        and (members is None or thread.tid in members)
    )


def _thread(pid: int, tid: int) -> ThreadNow:
    before, _, after = Path(f"/proc/{pid}/task/{tid}/stat").read_text(errors="replace").rpartition(")")
    fields = after.split()
    comm = before.partition("(")[2]
    return ThreadNow(pid, tid, comm, fields[_STATE], bool(int(fields[_FLAGS]) & _KERNEL_THREAD))
