"""The parts of a profile's time and lanes that somebody asks for, and those they are compared with."""

from collections.abc import Sequence
from typing import NamedTuple

from profiler.core.lanes import LANE_BY, MAX_CPU_LANES, Lane
from profiler.core.moments import Span
from profiler.errors import InvalidError
from profiler.query.time_range import asked_range

# Each row of a heat map of CPUs can be one. Somebody who wants more has a script, which can ask more than once.
MAX_SPANS = MAX_CPU_LANES


class Parts(NamedTuple):
    """`base` is empty where nothing is compared."""

    chosen: Sequence[Span]
    base: Sequence[Span]

    @property
    def text(self) -> str:
        return f"{self.chosen}-{self.base}"


def asked_parts(chosen: Sequence[str], base: Sequence[str]) -> Parts | None:
    """Of `?at=1.5-2&at=…&base=…`, seconds after the start; None without any. Raises InvalidError naming the field.

    `1.5-2@cpu:CPU 3` is only of that row of the heat map, `@thread:web 813` all of a row.
    """
    parts = Parts(_spans("at", chosen), _spans("base", base))
    if parts.base and not parts.chosen:
        raise InvalidError("at: what the base is compared with is missing", "at")
    return parts if parts.chosen else None


def _spans(field: str, texts: Sequence[str]) -> list[Span]:
    if len(texts) > MAX_SPANS:
        raise InvalidError(f"{field}: {len(texts)} parts, more than {MAX_SPANS}", field)
    return [_span(field, text) for text in texts]


def _span(field: str, text: str) -> Span:
    time, at, row = text.partition("@")
    lane = _lane(field, row) if at else None
    if lane and not time:
        return Span(lane=lane)
    first, dash, end = time.partition("-")
    try:
        asked = asked_range(first, end) if dash else None
    except InvalidError as error:
        raise InvalidError(f"{field}: {error}", field) from None
    if asked is None or asked.from_ns is None or asked.to_ns is None:
        raise InvalidError(f"{field}: {text[:50]!r} is not two times in seconds with a - between", field)
    return Span(asked.from_ns, asked.to_ns, lane)


def _lane(field: str, text: str) -> Lane:
    by, _, name = text.partition(":")
    for known in LANE_BY:
        if by == known:
            return Lane(known, name)
    raise InvalidError(f"{field}: {text[:50]!r} is no row: {', '.join(LANE_BY)}, a colon and its name", field)
