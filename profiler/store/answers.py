"""What the store answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from profiler.core.cut import Which
from profiler.core.forest import Lookup, Part, tree, unite
from profiler.core.forest_part import only, within
from profiler.core.frame import Frame
from profiler.core.profile import Int64s, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.tree import Tree
from profiler.store.losses import Told, quality_of
from profiler.store.question import Question
from profiler.store.reading import Missing

NS_PER_MS = 1_000_000
MAX_NODES = 20_000


@dataclass(frozen=True)
class Merged:
    """Sums of a question as parts of a forest, one per group, day and subject. `told`: what is known of losses."""

    question: Question
    unit: str
    parts: Sequence[Part]
    lookup: Lookup
    damage: Missing
    told: Sequence[Told] = ()

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
        return quality_of(self.told, sum(part.total for part in self.parts))

    def meta(self, unit: str = "") -> ProfileMeta:
        """What a tree of this says of itself; `unit` is of values elsewhere, where this has none."""
        start_ns = self.question.begin_ms * NS_PER_MS
        duration_ns = self.question.end_ms * NS_PER_MS - start_ns
        return ProfileMeta(self.question.kind, self.unit or unit, start_ns=start_ns, duration_ns=duration_ns)

    def tree(self, max_nodes: int = MAX_NODES, path: Sequence[str] = (), stacks: Which = "all") -> Tree:
        """At most about `max_nodes` of the largest nodes; `path`: of what these frames called, the outermost first.

        What is pruned from a tree is in the tree of the path that leads there.
        """
        chosen = within(only(self.parts, stacks, self.lookup), path, self.lookup)
        return tree(unite(chosen, max_nodes), self.lookup, self.meta(), max_nodes, quality=self.quality)


@dataclass(frozen=True)
class TimeSeries:
    """`values[g, b]`: sum of group g in bucket b; `profiles` likewise counts them."""

    begin_ms: int
    step_ms: int
    groups: Sequence[str]
    values: Int64s
    profiles: Int64s
    unit: str
    missing: Sequence[str] = field(default=())


@dataclass(frozen=True)
class FunctionSeries:
    """`total[f, b]`: value in bucket b of the stacks that function f is on; `own` of those that end in it."""

    begin_ms: int
    step_ms: int
    frames: Sequence[Frame]
    own: Int64s
    total: Int64s
    missing: Sequence[str]


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
