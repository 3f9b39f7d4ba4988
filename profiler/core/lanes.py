"""Samples over time, one lane for each thread, process or CPU: who ran when, and where."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from profiler.core.errors import ProfileError
from profiler.core.frame import Thread
from profiler.core.profile import Int64s, Profile
from profiler.core.times import NO_CPU

LaneBy = Literal["thread", "process", "cpu"]
LANE_BY: tuple[LaneBy, ...] = get_args(LaneBy)
# More lanes than fit a screen are read by nobody: the others are one lane.
MAX_LANES = 40
# Lanes of CPUs are read as one picture, and those of a large machine fit a screen that scrolls a little.
MAX_CPU_LANES = 256
MAX_COLUMNS = 2000


@dataclass(frozen=True)
class Lanes:
    """`counts[lane, column]`: samples from `column * column_ns` after the profile's start on.

    CPUs by their number, else the lane with most samples first. When there are more than MAX_LANES (MAX_CPU_LANES) the
    ones with most samples are kept, and the last one is all `others` together.
    """

    names: list[str]
    others: int
    column_ns: int
    counts: npt.NDArray[np.int64]


def lanes(profile: Profile, by: LaneBy, columns: int, last_ns: int) -> Lanes:
    """The samples that have a time, in `columns` slices of the time up to `last_ns`.

    Raises ProfileError for too many columns.
    """
    if not 1 <= columns <= MAX_COLUMNS:
        raise ProfileError(f"lanes: {columns} columns; 1 to MAX_COLUMNS ({MAX_COLUMNS})")
    names, lane = lanes_of(profile, by)
    column_ns = last_ns // columns + 1
    column = np.clip(profile.times.at_ns // column_ns, 0, columns - 1)
    counts = np.bincount(lane * columns + column, minlength=len(names) * columns).reshape(len(names), columns)
    most = MAX_CPU_LANES if by == "cpu" else MAX_LANES
    order = np.argsort(-counts.sum(axis=1), kind="stable")
    there = order[counts[order].any(axis=1)]
    shown, rest = (there, there[:0]) if len(there) <= most else (there[: most - 1], there[most - 1 :])
    if by == "cpu":
        shown = np.sort(shown)
    rows = [*counts[shown], counts[rest].sum(axis=0)] if len(rest) else list(counts[shown])
    made = np.array(rows, dtype=np.int64).reshape(len(rows), columns)
    return Lanes([names[i] for i in shown], len(rest), column_ns, made)


def lanes_of(profile: Profile, by: LaneBy) -> tuple[list[str], Int64s]:
    """The names of all lanes, and which of them each entry of the profile's times is in."""
    times = profile.times
    if by == "cpu":
        # Counted instead of sorted: a number is small, and there are millions of them.
        place = times.cpu.astype(np.int64) - NO_CPU
        cpus = np.flatnonzero(np.bincount(place))
        return [cpu_name(cpu + NO_CPU) for cpu in cpus.tolist()], np.searchsorted(cpus, place)
    names: dict[str, int] = {}
    of_thread = [names.setdefault(lane_name(thread, by), len(names)) for thread in profile.threads]
    return list(names), np.array(of_thread, dtype=np.int64)[profile.thread[times.row]]


class Lane(NamedTuple):
    """One row of a heat map, by the name that it has there."""

    by: LaneBy
    name: str


def cpu_name(cpu: int) -> str:
    return "CPU unknown" if cpu == NO_CPU else f"CPU {cpu}"


def lane_name(thread: Thread, by: Literal["thread", "process"]) -> str:
    """What the lane of a thread, or of its process, is called."""
    number = thread.tid if by == "thread" else thread.pid
    return f"{thread.comm or 'unknown'} {number}" if number else thread.comm or "unknown"
