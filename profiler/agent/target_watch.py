"""The processes and threads a recording was asked for: are they there, and since when are they not?"""

from pathlib import Path

from profiler.core.errors import WebprofError
from profiler.core.spec import RecordingSpec

# Fields of /proc/PID/stat behind the name in parentheses, counted from 0: state, number of threads, start time.
_STATE, _THREADS, _START_TIME = 0, 17, 19
_DEAD_STATES = ("Z", "X")


class TargetError(WebprofError):
    """A target does not exist or is not what it was said to be."""


class TargetWatch:
    """Raises TargetError from the constructor when a pid or tid of the spec does not exist.

    `processes`: the processes of all targets; empty when nothing in particular was asked for.
    """

    def __init__(self, spec: RecordingSpec) -> None:
        for pid in spec.pids:
            leader = _thread_group(pid)
            if leader is not None and leader != pid:
                raise TargetError(f"pid {pid} is a thread of process {leader}: give it as a tid, or the process's pid")
        self._start_times = {
            number: _start_time(sort, number)
            for sort, numbers in (("pid", spec.pids), ("tid", spec.tids))
            for number in numbers
        }
        self.processes = tuple(
            {leader for number in self._start_times if (leader := _thread_group(number)) is not None}
        )
        self.exited: dict[int, float] = {}

    def check(self, elapsed_s: float) -> None:
        """Note the targets that are gone now in `exited`: pid or tid → seconds into the recording."""
        for number, start_time in self._start_times.items():
            if number not in self.exited and _living_start_time(number) != start_time:
                self.exited[number] = elapsed_s

    @property
    def alive(self) -> bool:
        """False once every target is gone; true when nothing in particular was asked for."""
        return not self._start_times or len(self.exited) < len(self._start_times)


def _start_time(sort: str, number: int) -> int:
    start_time = _living_start_time(number)
    if start_time is None:
        raise TargetError(f"{sort} {number} does not exist on this host (any more)")
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
