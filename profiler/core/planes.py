"""Columns of small numbers as planes of bytes: all lowest bytes, then all second ones, …; they compress far better."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.core.errors import ProfileError


def to_planes(values: npt.NDArray[Any]) -> list[bytes]:
    """Of numbers from 0 to 2**63 - 1; without the upper planes that are all zero, but always one."""
    columns = np.ascontiguousarray(values.astype("<i8")).view(np.uint8).reshape(-1, 8).T
    used = max((place + 1 for place, column in enumerate(columns) if column.any()), default=1)
    return [column.tobytes() for column in columns[:used]]


def from_planes(planes: Sequence[bytes]) -> npt.NDArray[np.int64]:
    """Raises ProfileError when the planes differ in length. More than seven could be negative numbers."""
    if len({len(plane) for plane in planes}) != 1:
        raise ProfileError(
            f"times: planes differ in length: {', '.join(str(len(plane)) for plane in planes) or 'none'}"
        )
    values = np.zeros(len(planes[0]), dtype=np.int64)
    for place, plane in enumerate(planes):
        values |= np.frombuffer(plane, dtype=np.uint8).astype(np.int64) << 8 * place
    return values
