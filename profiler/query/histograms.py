"""Histograms that were kept: when there are some, and what they counted in a part of that."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from profiler.core.histogram_batch import HistogramBatch
from profiler.core.histogram_block import batches_of
from profiler.core.histogram_merge import in_steps
from profiler.errors import InvalidError
from profiler.models import HistogramBlock

NS = 10**9
# A page shows as many columns as its chart has pixels for.
MAX_COLUMNS = 600
MAX_RANGE_S = 3600
# Blocks of one watch touch; a page that was loaded again leaves a gap of seconds.
GAP_S = 60
MAX_WATCHED = 8


@dataclass(frozen=True)
class Kept:
    """A part of the time, in Unix seconds."""

    begin: int
    end: int

    @property
    def start_at(self) -> datetime:
        return datetime.fromtimestamp(self.begin, UTC)

    @property
    def end_at(self) -> datetime:
        return datetime.fromtimestamp(self.end, UTC)

    @property
    def step_ms(self) -> int:
        """Whole seconds, so that each batch is of one step."""
        return 1000 * max(1, -(-(self.end - self.begin) // MAX_COLUMNS))


def asked_range(begin: str, end: str) -> Kept | None:
    """Of an address: two whole Unix seconds; None without them. Raises InvalidError."""
    if not begin and not end:
        return None
    try:
        found = Kept(int(begin), int(end))
    except ValueError:
        raise InvalidError(f"kept-from={begin[:20]!r} and kept-to={end[:20]!r} must be whole Unix seconds") from None
    if not 0 < found.begin < found.end <= time.time() + MAX_RANGE_S or found.end - found.begin > MAX_RANGE_S:
        raise InvalidError(f"kept-from and kept-to must be a past time of at most {MAX_RANGE_S} s, the earlier first")
    return found


def watched(host: str, feed: str) -> list[Kept]:
    """When it was watched, the newest first; long ones in hours."""
    blocks = HistogramBlock.objects.filter(host_id=host, feed=feed).order_by("-begin_ns")
    found: list[Kept] = []
    for begin_ns, end_ns in blocks.values_list("begin_ns", "end_ns")[:2000]:
        begin, end = begin_ns // NS, -(-end_ns // NS)
        last = found[-1] if found else None
        if last and last.begin - end <= GAP_S and last.end - begin <= MAX_RANGE_S:
            found[-1] = Kept(begin, last.end)
        elif len(found) == MAX_WATCHED:
            break
        else:
            found.append(Kept(begin, end))
    return found


def kept_batches(host: str, feed: str, part: Kept) -> list[HistogramBatch]:
    """By steps of the part."""
    inside = {"begin_ns__lt": part.end * NS, "end_ns__gt": part.begin * NS}
    blocks = HistogramBlock.objects.filter(host_id=host, feed=feed, **inside).order_by("begin_ns")
    batches = (batch for block in blocks for batch in batches_of(bytes(block.data)))
    return in_steps((one for one in batches if part.begin * NS <= one.end_ns <= part.end * NS + NS), part.step_ms)
