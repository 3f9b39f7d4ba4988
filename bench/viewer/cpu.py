"""CPU time of the browser that this process has started: where others work too, clocks tell more about them."""

import os
from pathlib import Path

PROC = Path("/proc")


def browser_cpu_ms() -> float:
    """Of all its processes that live, since each began: Chromium makes them below the driver, which is our child."""
    children: dict[int, list[int]] = {}
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            children.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
        except OSError:
            continue  # it has just ended
    found, todo = 0.0, [os.getpid()]
    while todo:
        below = children.get(todo.pop(), [])
        todo += below
        found += sum(_cpu_ns(pid) for pid in below if _is_browser(pid)) / 1e6
    return found


def _is_browser(pid: int) -> bool:
    try:
        return "chrom" in str((PROC / str(pid) / "exe").readlink())
    except OSError:
        return False


def _cpu_ns(pid: int) -> int:
    """Of its threads: schedstat of a process tells of its first one only."""
    found = 0
    for schedstat in (PROC / str(pid) / "task").glob("*/schedstat"):
        try:
            found += int(schedstat.read_text().split()[0])
        except OSError:
            continue  # it has just ended
    return found
