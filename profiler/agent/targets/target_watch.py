"""What a recording was asked for: is it there, and since when is it not?"""

from pathlib import Path

from profiler.agent.targets import pid_namespaces
from profiler.agent.targets.target_groups import TargetError, TargetGroup
from profiler.core.spec import RecordingSpec

# Fields of /proc/PID/stat behind the name in parentheses, counted from 0: state, number of threads, start time.
_STATE, _THREADS, _START_TIME = 0, 17, 19
_DEAD_STATES = ("Z", "X")


class TargetWatch:
    """Raises TargetError from the constructor when a pid or tid of the spec does not exist or is not in the group.

    `processes`: the processes of the pids and tids; empty when none was asked for.
    `exited`: the targets that ended, by what they are called (`pid 7`, `container web`) → seconds into the recording.
    """

    def __init__(self, spec: RecordingSpec, group: TargetGroup | None = None) -> None:
        for pid in spec.pids:
            leader = _thread_group(pid)
            if leader is not None and leader != pid:
                raise TargetError(f"pid {pid} is a thread of process {leader}: give it as a tid, or the process's pid")
        self._start_times = {
            (sort, number): _start_time(sort, number)
            for sort, numbers in (("pid", spec.pids), ("tid", spec.tids))
            for number in numbers
        }
        self._group = group
        self._group_inode = group.directory.path.stat().st_ino if group else None
        if group and self._start_times:
            self._require_in_group(group)
        self.processes = tuple(
            {leader for _, number in self._start_times if (leader := _thread_group(number)) is not None}
        )
        self.exited: dict[str, float] = {}

    def check(self, elapsed_s: float) -> None:
        """Note what is gone now."""
        for (sort, number), start_time in self._start_times.items():
            if _living_start_time(number) != start_time:
                self.exited.setdefault(f"{sort} {number}", elapsed_s)
        # A restarted container or unit has a new group of the same path: the old one is what is recorded.
        if self._group and _inode(self._group.directory.path) != self._group_inode:
            self.exited.setdefault(self._group.label, elapsed_s)

    @property
    def alive(self) -> bool:
        """False once every pid and tid is gone, or the group; true when nothing in particular was asked for."""
        if self._group and self._group.label in self.exited:
            return False
        return not self._start_times or any(f"{sort} {number}" not in self.exited for sort, number in self._start_times)

    def _require_in_group(self, group: TargetGroup) -> None:
        """Targets that can't both hold would record nothing, without a word."""
        members = group.directory.tids()
        for sort, number in self._start_times:
            if number not in members:
                raise TargetError(f"{sort} {number} is not in {group.label}{pid_namespaces.hint(number, members)}")


def _start_time(sort: str, number: int) -> int:
    start_time = _living_start_time(number)
    if start_time is None:
        raise TargetError(f"{sort} {number} does not exist on this host (any more){pid_namespaces.hint(number)}")
    return start_time


def _living_start_time(number: int) -> int | None:
    """Clock ticks since boot, or None when there is no such task or it is dead and only waits to be reaped."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text(errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    # A leader that ended before its threads is a zombie, but its process works on.
    if fields[_STATE] in _DEAD_STATES and int(fields[_THREADS]) <= 1:
        return None
    return int(fields[_START_TIME])


def _thread_group(number: int) -> int | None:
    try:
        status = Path(f"/proc/{number}/status").read_text(errors="replace")
    except OSError:
        return None
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("Tgid:")), None)


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None
