"""Totals over time as a picture of stacked bars: numbers for a template, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from profiler.store.answers import TimeSeries

# As many as one can tell apart; the rest is one bar, and all of it is in the graph below.
TONES = 7
HEIGHT = 1000


@dataclass(frozen=True)
class Block:
    """A part of a bar: `top` and `height` in thousandths of the highest bar."""

    tone: int
    top: int
    height: int


@dataclass(frozen=True)
class Bar:
    """One step of time; `total` in the unit of the values."""

    x: int
    since: datetime
    until: datetime
    total: int
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Timeline:
    """`legend`: name, tone and total of each group, the largest first."""

    bars: Sequence[Bar]
    legend: Sequence[tuple[str, int, int]]
    highest: int
    profiles: int
    total: int
    unit: str


def timeline(series: TimeSeries) -> Timeline:
    names, values = _largest(series)
    sums = values.sum(axis=0)
    highest = int(sums.max(initial=0))
    edges = np.cumsum(values, axis=0) * HEIGHT // max(highest, 1)
    bars = []
    for step in range(values.shape[1]):
        lower = np.r_[0, edges[:, step]][:-1]
        spans = zip(lower.tolist(), edges[:, step].tolist(), strict=True)
        blocks = [Block(tone, HEIGHT - high, high - low) for tone, (low, high) in enumerate(spans) if high > low]
        begin_ms = series.begin_ms + step * series.step_ms
        bars.append(Bar(step, _moment(begin_ms), _moment(begin_ms + series.step_ms), int(sums[step]), blocks))
    legend = [(name, tone, int(values[tone].sum())) for tone, name in enumerate(names)]
    return Timeline(bars, legend, highest, int(series.profiles.sum()), int(sums.sum()), series.unit)


def _moment(unix_ms: int) -> datetime:
    return datetime.fromtimestamp(unix_ms / 1000, UTC)


def _largest(series: TimeSeries) -> tuple[list[str], "np.ndarray[tuple[int, int], np.dtype[np.int64]]"]:
    """The largest groups, and one more for all others."""
    order = np.argsort(-series.values.sum(axis=1), kind="stable")
    kept, rest = order[:TONES], order[TONES:]
    names = [series.groups[group] or "all" for group in kept.tolist()]
    if not len(rest):
        return names, series.values[kept]
    return [*names, f"{len(rest)} others"], np.vstack([series.values[kept], series.values[rest].sum(axis=0)])
