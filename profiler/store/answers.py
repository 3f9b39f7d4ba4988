"""What the store answers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from profiler.core.cut import Which
from profiler.core.forest import Lookup, Part, tree, unite
from profiler.core.forest_part import only, within
from profiler.core.frame import Frame
from profiler.core.profile import NANOSECONDS, Int64s, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.tree import Tree
from profiler.store.losses import Told, quality_of
from profiler.store.question import Question, check_sum
from profiler.store.reading import Missing

NS_PER_MS = 1_000_000
MAX_NODES = 20_000
# Values as they were kept, and what each unit of them stands for.
Weighable = tuple[int, Part]


@dataclass(frozen=True)
class Merged:
    """Sums of a question as parts of a forest, one per group, day and subject. `told`: what is known of losses.

    `kept`: what was added up, as it was kept, by what each unit of it stands for.
    """

    question: Question
    unit: str
    parts: Sequence[Part]
    lookup: Lookup
    damage: Missing
    told: Sequence[Told] = ()
    kept: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def nothing(cls, question: Question, unit: str, damage: Missing) -> "Merged":
        return cls(question, unit, [], lambda numbers: [], damage)

    @classmethod
    def weighed(
        cls,
        question: Question,
        unit: str,
        parts: Iterable[Weighable],
        lookup: Lookup,
        damage: Missing,
        told: Sequence[Told],
    ) -> "Merged":
        """Of parts with values as they were kept."""
        kept: dict[int, int] = defaultdict(int)
        weighed = []
        for weight, part in parts:
            kept[weight] += part.total
            weighed.append(part.times(weight))
        check_sum(kept)
        return cls(question, unit, weighed, lookup, damage, told, kept)

    @property
    def missing(self) -> list[str]:
        """Segments that could not be read."""
        return sorted(self.damage.paths)

    @property
    def rounded_ms(self) -> int:
        """Steps that the range was widened to, because finer sums are past their time; 0 when it is as asked."""
        return self.damage.rounded_ms

    @property
    def quality(self) -> Quality | None:
        """What was lost, where that is known."""
        return quality_of(self.told, sum(self.kept.values()))

    def meta(self, unit: str = "") -> ProfileMeta:
        """What a tree of this says of itself; `unit` is of values elsewhere, where this has none."""
        start_ns = self.question.begin_ms * NS_PER_MS
        duration_ns = self.question.end_ms * NS_PER_MS - start_ns
        period_ns = mean_period(self.kept) if self.unit == NANOSECONDS else 0
        return ProfileMeta(
            self.question.kind, self.unit or unit, start_ns=start_ns, duration_ns=duration_ns, period_ns=period_ns
        )

    def tree(self, max_nodes: int = MAX_NODES, path: Sequence[str] = (), stacks: Which = "all") -> Tree:
        """At most about `max_nodes` of the largest nodes; `path`: of what these frames called, the outermost first.

        What is pruned from a tree is in the tree of the path that leads there.
        """
        chosen = within(only(self.parts, stacks, self.lookup), path, self.lookup)
        return tree(unite(chosen, max_nodes), self.lookup, self.meta(), max_nodes, quality=self.quality)


def mean_period(kept: Mapping[int, int]) -> int:
    """The period whose samples would scatter by chance as those of these periods (ns → count) do together.

    A sum of n samples of p ns each has the variance p² n (Poisson): that of Σ p n ns is Σ p² n = period · Σ p n.
    """
    time_ns = sum(period * count for period, count in kept.items())
    return round(sum(period**2 * count for period, count in kept.items()) / time_ns) if time_ns else 0


@dataclass(frozen=True)
class TimeSeries:
    """`values[g, b]`: sum of group g in bucket b; `profiles` likewise counts them, `length_ms` is how long they are."""

    begin_ms: int
    step_ms: int
    groups: Sequence[str]
    values: Int64s
    profiles: Int64s
    unit: str
    missing: Sequence[str] = field(default=())
    length_ms: int = 0

    def coarser(self, step_ms: int) -> "TimeSeries":
        """In steps of several of these."""
        starts = np.arange(0, self.profiles.shape[1], step_ms // self.step_ms)
        values, profiles = (np.add.reduceat(counts, starts, axis=1) for counts in (self.values, self.profiles))
        return replace(self, step_ms=step_ms, values=values, profiles=profiles)


@dataclass(frozen=True)
class FunctionSeries:
    """`total[f, b]`: value in bucket b of the stacks that function f is on; `own` of those that end in it."""

    begin_ms: int
    step_ms: int
    frames: Sequence[Frame]
    own: Int64s
    total: Int64s
    missing: Sequence[str]
    unit: str


@dataclass(frozen=True)
class HeatMap:
    """`counts[row, column]`: samples from `begin_ms + column * column_ms + row * column_ms / rows` on.

    `untimed`: values without a time of the profiles that overlap the range.
    """

    begin_ms: int
    column_ms: int
    counts: Int64s
    untimed: int
    missing: Sequence[str] = ()
