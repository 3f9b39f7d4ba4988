"""Units of values as other formats name them, and what they are here: whole numbers of a unit of ours."""

import math
from typing import Final, NamedTuple

from profiler.formats.folded_line import MAX_TOTAL, MICRO, MICROSAMPLES, SAMPLES


class Unit(NamedTuple):
    """A value of a file, times `factor`, is this many of `name`."""

    name: str
    factor: int


_TIMES: Final = {"seconds": 10**9, "milliseconds": 10**6, "microseconds": 10**3, "nanoseconds": 1}
_SHORT: Final = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "µs": "microseconds", "ns": "nanoseconds"}


def unit_of(name: str) -> Unit:
    """Times are nanoseconds here. What is no unit, or one that nobody knows, counts samples or itself.

    >>> unit_of("milliseconds")
    Unit(name='nanoseconds', factor=1000000)
    """
    word = _SHORT.get(name, name).lower()
    if word in _TIMES:
        return Unit("nanoseconds", _TIMES[word])
    return Unit(SAMPLES if word in ("", "none", "samples") else word, 1)


def whole(value: float, factor: int) -> int | None:
    """`value` in the unit, rounded; None when it is no number that can be kept: negative, too large or NaN."""
    if isinstance(value, int):
        scaled = value * factor
        return scaled if 0 <= scaled <= MAX_TOTAL else None
    scaled_float = value * factor
    if not math.isfinite(scaled_float) or not 0 <= scaled_float <= MAX_TOTAL:
        return None
    return round(scaled_float)


def fractional(unit: Unit) -> Unit:
    """The unit for values with fractions: samples count in millionths, so that small ones are not lost."""
    return Unit(MICROSAMPLES, MICRO) if unit.name == SAMPLES else unit
