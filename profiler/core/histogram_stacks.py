"""Which examples of a histogram fall into chosen buckets and time, and the stacks of just these as a profile."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from profiler.core import batch
from profiler.core.errors import BatchError
from profiler.core.frame import Thread
from profiler.core.histogram_batch import Exemplar, HistogramBatch
from profiler.core.merge import merge
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import Quality

#: The unit of these profiles: each example counts one, however long it took.
EXAMPLES = "examples"
# The slowest of what is chosen. A column of a second has 320 at the most; of more a picture says no more.
MAX_CHOSEN = 512
BETWEEN = " / "
UNREADABLE = "its stack could not be read"


@dataclass(frozen=True)
class Chosen:
    """Buckets from `low` up to and with `high`, times in [from_ns, to_ns) of Unix time.

    `row`: the values of its labels with BETWEEN between them, as addresses have them; None: all rows.
    """

    low: int
    high: int
    from_ns: int
    to_ns: int
    row: str | None = None

    def has(self, example: Exemplar, bucket: int) -> bool:
        fits = self.low <= bucket <= self.high and self.from_ns <= example.at_ns < self.to_ns
        return fits and (self.row is None or BETWEEN.join(example.labels) == self.row)


@dataclass(frozen=True)
class Found:
    """`kept` examples are there, of which `examples` are the slowest, each with its batch."""

    kept: int
    examples: tuple[tuple[Exemplar, HistogramBatch], ...]

    @property
    def without_stack(self) -> dict[str, int]:
        """By reason; the reason is empty where nobody takes stacks."""
        reasons: dict[str, int] = {}
        for example, _ in self.examples:
            if example.stack is None:
                reasons[example.no_stack] = reasons.get(example.no_stack, 0) + 1
        return reasons


def chosen_examples(batches: Iterable[HistogramBatch], chosen: Chosen) -> Found:
    found = [
        (example, one)
        for one in batches
        for example in one.exemplars
        if chosen.has(example, one.buckets.index(example.value))
    ]
    slowest = sorted(found, key=lambda pair: (-pair[0].value, -pair[0].at_ns))[:MAX_CHOSEN]
    return Found(len(found), tuple(slowest))


def stacks_of(one: HistogramBatch) -> Profile | None:
    """Of a batch's examples; None when none has one. Raises BatchError."""
    if not one.stacks:
        return None
    profile = batch.unpacked(one.stacks)
    nodes = [example.stack for example in one.exemplars if example.stack is not None]
    if nodes and max(nodes) >= len(profile.stacks):
        raise BatchError(f"histogram: an example has stack {max(nodes)}; there are {len(profile.stacks)}")
    return profile


def profile_of(found: Found, meta: ProfileMeta) -> Profile:
    """Those that have a stack, each worth one. The others are told in the quality's `lost`."""
    by_batch: dict[int, tuple[HistogramBatch, list[Exemplar]]] = {}
    for example, one in found.examples:
        if example.stack is not None:
            by_batch.setdefault(id(one), (one, []))[1].append(example)
    parts, unreadable = [], 0
    for one, examples in by_batch.values():
        try:
            stacks = stacks_of(one)
        except BatchError:
            stacks = None
        if stacks is None:
            unreadable += len(examples)
        else:
            parts.append(_only(stacks, examples, meta))
    lost = {reason: count for reason, count in found.without_stack.items() if reason}
    if unreadable:
        lost[UNREADABLE] = unreadable
    quality = Quality(samples=len(found.examples), lost=lost)
    return replace(merge(parts, meta), quality=quality)


def _only(stacks: Profile, examples: list[Exemplar], meta: ProfileMeta) -> Profile:
    """A row for each example. Its thread is that of the stack, whose control group is known, where they agree."""
    known = {(thread.pid, thread.tid): thread for thread in stacks.threads}
    threads = [known.get((one.pid, one.tid)) or Thread(one.pid, one.tid, one.comm) for one in examples]
    numbers = {thread: number for number, thread in enumerate(dict.fromkeys(threads))}
    return replace(
        stacks,
        meta=meta,
        threads=tuple(numbers),
        node=np.array([one.stack for one in examples], dtype=np.int32),
        thread=np.array([numbers[thread] for thread in threads], dtype=np.int32),
        value=np.ones(len(examples), dtype=np.int64),
        quality=Quality(),
    )
