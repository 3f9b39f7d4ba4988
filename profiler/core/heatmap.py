"""Samples over time as a matrix: one column per second, one row per part of a second.

The shape of FlameScope's subsecond-offset heat map (Spier and Gregg, 2018): what repeats, stalls or happens once shows
as a pattern that a total hides.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from profiler.core.errors import ProfileError
from profiler.core.profile import Profile

SECOND_NS = 1_000_000_000
DEFAULT_ROWS = 50
MAX_ROWS = 1000
# An hour of one-second columns in rows of a hundredth; more is not seen on any screen.
MAX_CELLS = 400_000


@dataclass(frozen=True)
class Heatmap:
    """`counts[row, column]`: samples from `column * column_ns + row * row_ns` after the profile's start on."""

    column_ns: int
    counts: npt.NDArray[np.int64]

    @property
    def row_ns(self) -> float:
        return self.column_ns / len(self.counts)


def heatmap(profile: Profile, rows: int = DEFAULT_ROWS, column_ns: int = SECOND_NS) -> Heatmap:
    """The samples that have a time, from the profile's start to its end or its last sample, whichever is later.

    Raises ProfileError when `rows` or the number of cells is over its bound.
    """
    if not 1 <= rows <= MAX_ROWS or column_ns < rows:
        raise ProfileError(f"heat map: {rows} rows in {column_ns} ns; 1 to MAX_ROWS ({MAX_ROWS}), each 1 ns at least")
    # What was sampled in the microseconds before the clock was read belongs to the start.
    at_ns = np.maximum(profile.times.at_ns, 0)
    last_ns = max(int(at_ns[-1]) if len(at_ns) else 0, profile.meta.duration_ns - 1, 0)
    columns = last_ns // column_ns + 1
    if columns * rows > MAX_CELLS:
        raise ProfileError(f"heat map: {columns} columns of {rows} rows are over MAX_CELLS ({MAX_CELLS})")
    column, within = np.divmod(at_ns, column_ns)
    cell = within * rows // column_ns * columns + column
    return Heatmap(column_ns, np.bincount(cell, minlength=rows * columns).reshape(rows, columns))
