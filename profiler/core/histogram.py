"""Histograms: how values fall into buckets, sums of them, and percentiles as exact as buckets allow."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]  # last axis: buckets

# 2^62 fits the int64 of every reader; the last bucket is open.
MAX_BUCKETS = 63
MAX_STEP = 2**40


@dataclass(frozen=True)
class Buckets:
    """Bucket i of log2 (no `step`) holds values from 2^i up to 2^(i+1), the first one also 0; linear ones hold
    `step` values each. The last bucket is open.
    """

    count: int
    step: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_BUCKETS:
            raise ValueError(f"{self.count} buckets; a histogram has 1 to {MAX_BUCKETS}")
        if self.step is not None and not 1 <= self.step <= MAX_STEP:
            raise ValueError(f"buckets of {self.step}; they are 1 to {MAX_STEP} wide")

    @property
    def edges(self) -> list[int]:
        """The least value of each bucket."""
        if self.step is not None:
            return [i * self.step for i in range(self.count)]
        return [0, *(2**i for i in range(1, self.count))]

    @property
    def limits(self) -> list[float]:
        """The value that each bucket ends before; infinity for the last one."""
        return [*map(float, self.edges[1:]), float("inf")]

    def index(self, value: int) -> int:
        """The bucket of a value from 0 on, as the programs count it."""
        found = value // self.step if self.step is not None else max(value, 1).bit_length() - 1
        return min(found, self.count - 1)


class Percentile(NamedTuple):
    """The true value is at least `low` and below `high` (infinity: not known); `value` is where it would be if the
    values of the bucket were spread evenly: by ratio in log2 buckets, by difference in linear ones.
    """

    low: float
    value: float
    high: float


def percentile(counts: Counts, buckets: Buckets, share: float) -> Percentile | None:
    """Nearest rank (ceil(share · n), ISO 16269 calls it the smallest value with that share at or below it): the bucket
    it is in is exact, the place in the bucket is not known. `counts` of one histogram; None without values.
    """
    if not 0 < share <= 1:
        raise ValueError(f"the share {share} is not above 0 and up to 1")
    upto = np.cumsum(counts, dtype=np.int64)
    if not len(upto) or upto[-1] == 0:
        return None
    # Floats make 0.07 * 100 slightly more than 7: a rank too high.
    rank = min(int(upto[-1]), max(1, int(np.ceil(round(share * float(upto[-1]), 6)))))
    found = int(np.searchsorted(upto, rank))
    low, high = float(buckets.edges[found]), buckets.limits[found]
    if high == float("inf"):
        return Percentile(low, low, high)
    part = (rank - 0.5 - float(upto[found] - counts[found])) / float(counts[found])
    if buckets.step is None and low > 0:
        return Percentile(low, low * (high / low) ** part, high)
    return Percentile(low, low + (high - low) * part, high)


def merged(rows: Counts) -> Counts:
    """The sum of rows × buckets."""
    total: Counts = rows.sum(axis=0, dtype=np.int64)
    return total
