"""Places in the code of programs where probes run: functions that somebody names, and those of the allocator."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from profiler.agent.kernel.attach_points import ChosenPlace
from profiler.agent.symbols.code_places import PlaceError, function_place, probe_places
from profiler.core.probe import Values
from profiler.core.spec import RecordingSpec

_DEVICE = Path("/sys/bus/event_source/devices/uprobe")
# As its format/ says: bit 0 of config, and bits 32 to 63.
_RETURN, _SEMAPHORE_SHIFT = 1, 32
# Functions of C libraries that give memory, and those that take it back; the program has one for each.
GIVERS = ("malloc", "calloc", "realloc", "memalign", "aligned_alloc", "posix_memalign")
TAKERS = ("free",)
_ALLOCATORS = ("libc.so.6", "libc-", "ld-musl", "libjemalloc", "libtcmalloc", "libmimalloc")


def function_points(spec: RecordingSpec, values: Values) -> list[ChosenPlace]:
    """Raises PlaceError."""
    path, name = _within(spec, str(values["file"])), str(values["function"])
    config = _RETURN if values["at"] == "return" else 0
    return _of_processes(spec, "at_place", config, path, function_place(path, name), name)


def probe_points(spec: RecordingSpec, values: Values) -> list[ChosenPlace]:
    """Raises PlaceError."""
    path, name = _within(spec, str(values["file"])), str(values["name"])
    return [
        point
        for place in probe_places(path, name)
        for point in _of_processes(spec, "at_place", place.semaphore << _SEMAPHORE_SHIFT, path, place.offset, name)
    ]


def allocation_points(spec: RecordingSpec, values: Values) -> list[ChosenPlace]:
    """Raises PlaceError."""
    if len(spec.pids) != 1:
        raise PlaceError(f"allocations are those of one process: give one pid, not {len(spec.pids) or 'none'}")
    path = _allocator(spec.pids[0])
    at = partial(_of_processes, spec)
    points: list[ChosenPlace] = []
    for name in (*GIVERS, *(TAKERS if values["kept"] else ())):
        try:
            place = function_place(path, name)
        except PlaceError:
            continue  # no C library has them all
        points += at(f"at_place_{name}", 0, path, place, name)
        if name in GIVERS:
            points += at("at_place_end", _RETURN, path, place, f"the end of {name}")
    return points


def _allocator(pid: int) -> Path:
    """The file that the process's malloc is in: a library of its own before the C library, or the program itself."""
    try:
        lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    except OSError as error:
        raise PlaceError(f"process {pid}: {error.strerror}") from error
    mapped = list(dict.fromkeys(line.split(None, 5)[5] for line in lines if len(line.split(None, 5)) == 6))
    for name in reversed(_ALLOCATORS):
        for path in mapped:
            if Path(path).name.startswith(name):
                return Path(f"/proc/{pid}/root{path}")
    return Path(f"/proc/{pid}/exe")


def _within(spec: RecordingSpec, path: str) -> Path:
    """As the one process that is recorded sees it; else as the host does."""
    return Path(f"/proc/{spec.pids[0]}/root{path}") if len(spec.pids) == 1 else Path(path)


def _of_processes(
    spec: RecordingSpec, function: str, config: int, path: Path, offset: int, told: str
) -> list[ChosenPlace]:
    """One for each process that is recorded: the others do not even stop there."""
    pids: Sequence[int | None] = spec.pids if spec.pids and not spec.children else (None,)
    event = (_event_type(), config)
    return [ChosenPlace(function, event, str(path), offset, pid, f"{told} of {path}") for pid in pids]


def _event_type() -> int:
    try:
        return int((_DEVICE / "type").read_text())
    except OSError as error:
        raise PlaceError(f"this kernel has no uprobes ({_DEVICE}): it needs CONFIG_UPROBE_EVENTS") from error
