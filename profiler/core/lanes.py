"""Samples over time, one lane for each thread or process: who ran when."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from profiler.core.errors import ProfileError
from profiler.core.frame import Thread
from profiler.core.profile import Profile

LaneBy = Literal["thread", "process"]
LANE_BY: tuple[LaneBy, ...] = get_args(LaneBy)
# More lanes than fit a screen are read by nobody: the others are one lane.
MAX_LANES = 40
MAX_COLUMNS = 2000


@dataclass(frozen=True)
class Lanes:
    """`counts[lane, column]`: samples from `column * column_ns` after the profile's start on.

    The lane with most samples first; when there are more than MAX_LANES the last one is all `others` together.
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
    names: dict[str, int] = {}
    of_thread = [names.setdefault(lane_name(thread, by), len(names)) for thread in profile.threads]
    column_ns = last_ns // columns + 1
    column = np.clip(profile.times.at_ns // column_ns, 0, columns - 1)
    lane = np.array(of_thread, dtype=np.int64)[profile.thread[profile.times.row]] if names else column
    counts = np.bincount(lane * columns + column, minlength=len(names) * columns).reshape(len(names), columns)
    order = np.argsort(-counts.sum(axis=1), kind="stable")
    there = order[counts[order].any(axis=1)]
    shown, rest = (there, there[:0]) if len(there) <= MAX_LANES else (there[: MAX_LANES - 1], there[MAX_LANES - 1 :])
    rows = [*counts[shown], counts[rest].sum(axis=0)] if len(rest) else list(counts[shown])
    texts = list(names)
    made = np.array(rows, dtype=np.int64).reshape(len(rows), columns)
    return Lanes([texts[i] for i in shown], len(rest), column_ns, made)


def lane_name(thread: Thread, by: LaneBy) -> str:
    """What the lane of a thread, or of its process, is called."""
    number = thread.tid if by == "thread" else thread.pid
    return f"{thread.comm or 'unknown'} {number}" if number else thread.comm or "unknown"
