"""From named stacks and their values to a profile."""

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from profiler.agent.sampling.events import LOST_CAUSES, SKIPPED_CAUSES, Counter
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.stack_book import SampledStack
from profiler.agent.sampling.stack_namer import STACK_LOST, NamedStack
from profiler.core.frame import Frame, Thread
from profiler.core.groups import CgroupLabels
from profiler.core.path_trie import FRAME, trie_of
from profiler.core.profile import Int32s, Int64s, Profile, ProfileMeta, Stacks
from profiler.core.quality import Quality
from profiler.core.times import Times


@dataclass(frozen=True)
class Rows:
    """What was sampled, each with its value, and how many samples or events it was. Columns of one length.

    `threads` are those that the stacks have numbers of.
    """

    sampled: Sequence[SampledStack]
    value: Int64s
    events: Int64s
    threads: Sequence[Thread]


class ProfileParts:
    """`node` and `thread` are those of each row; rows of one stack and thread become one, in `rows` and `value`."""

    def __init__(self, given: Rows, table: FrameTable) -> None:
        self._given = given
        self.stacks, self.frames, self.node = _stacks(given.sampled, table)
        thread = np.fromiter((each.thread for each in given.sampled), dtype=np.int32, count=len(given.sampled))
        self._used, self.thread = _numbered(thread)
        self.rows, self.value = _rows(self.node, self.thread, given.value)

    def profile(
        self, meta: ProfileMeta, quality: Quality, times: Times, cgroups: Mapping[str, CgroupLabels]
    ) -> Profile:
        return Profile(
            meta=meta,
            frames=self.frames,
            stacks=self.stacks,
            threads=tuple(self._given.threads[number] for number in self._used),
            node=self.rows[:, 0].copy(),
            thread=self.rows[:, 1].copy(),
            value=self.value,
            quality=quality + _noted(self._given.sampled, self._given.events.tolist()),
            times=times,
            cgroups=cgroups,
        ).check()


def lost_stack(table: FrameTable) -> SampledStack:
    """Stands for one that found no room."""
    return SampledStack(NamedStack(FRAME.type(table.number(STACK_LOST)).tobytes(), ""), 0, "")


def counted(counters: Mapping[Counter, int], bpf_ns: int) -> Quality:
    """What the program told of its samples."""
    return Quality(
        samples=counters[Counter.SAMPLES],
        lost={cause: count for counter, cause in LOST_CAUSES.items() if (count := counters[counter])},
        skipped={cause: count for counter, cause in SKIPPED_CAUSES.items() if (count := counters[counter])},
        bpf_ns=bpf_ns,
    )


def _stacks(sampled: Sequence[SampledStack], table: FrameTable) -> tuple[Stacks, tuple[Frame, ...], Int32s]:
    """The trie of what was sampled, the frames that occur in it, and the node of each."""
    numbers: dict[bytes, int] = {}
    path = [numbers.setdefault(each.stack.path, len(numbers)) for each in sampled]
    stacks, nodes = trie_of(list(numbers))
    used, frame = _numbered(stacks.frame)
    frames = tuple(table[number] for number in used)
    return Stacks(stacks.parent, frame), frames, nodes[np.array(path, dtype=np.int64)]


def _numbered(numbers: Int32s) -> tuple[list[int], Int32s]:
    """The numbers that occur, and the place of each among them."""
    used, place = np.unique(numbers, return_inverse=True)
    return used.tolist(), place.astype(np.int32)


def _rows(node: Int32s, thread: Int32s, count: Int64s) -> tuple[Int32s, Int64s]:
    """Each pair of a stack and a thread once, with its sum."""
    pairs, place = np.unique(node.astype(np.int64) << 32 | thread, return_inverse=True)
    value = np.zeros(len(pairs), dtype=np.int64)
    np.add.at(value, place, count)
    return np.column_stack([pairs >> 32, pairs & 0xFFFF_FFFF]).astype(np.int32), value


def _noted(sampled: Sequence[SampledStack], counts: Sequence[int]) -> Quality:
    """Samples by what was noted of their stacks; those that are not known have nothing."""
    outcomes, unknown, runtimes, hints = Tally[str](), Tally[str](), Tally[str](), Tally[str]()
    for (stack, _, unknown_module), count in zip(sampled, counts, strict=True):
        outcomes[stack.outcome] += count
        unknown[unknown_module] += count
        runtimes[stack.runtime_outcome] += count
        hints[stack.hint] += count
    for tally in (outcomes, unknown, runtimes, hints):
        tally.pop("", None)
    return Quality(outcomes=outcomes, unknown=unknown, runtimes=runtimes, hints=hints)
