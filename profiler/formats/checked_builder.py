"""A profile's builder that keeps an import's limits: for formats with trees, or with stacks that come one by one."""

from collections.abc import Sequence

from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import Quality
from profiler.formats.checked_names import NO_STACK, CheckedNames, Measured


class CheckedBuilder(CheckedNames):
    """Mutable until `profile`. Stacks are nodes; one that is too deep is left out and counted."""

    def stack(self, root_first: Sequence[int], place: str = "") -> int | None:
        """The node of a stack of frame numbers; an empty one is `[no stack]`. None when it is too deep: counted."""
        if len(root_first) > self.limits.depth:
            self.skip(f"stack deeper than {self.limits.depth:,} frames", place)
            return None
        node = self.builder.stack(root_first or [self.frame(NO_STACK)])
        self.check(self.builder.stack_count, self.limits.nodes, "stacks")
        return node

    def child(self, parent: int, frame: int) -> int:
        """The node of `frame` below another node (ROOT for none). How deep that is, the caller counts."""
        node = self.builder.child(parent, frame)
        self.check(self.builder.stack_count, self.limits.nodes, "stacks")
        return node

    def add(self, node: int, value: int, thread: int | None = None, samples: int = 1) -> None:
        """Add a value over zero to a stack; of zero nothing is kept, what is below is refused by its reader."""
        if value > 0:
            self.builder.add(node, value, thread)
            self.total += value
        self.samples += samples

    def profile(self, meta: ProfileMeta, measured: Measured) -> Profile | None:
        """What was read; None when that is nothing. Raises FormatError when it adds up to more than can be kept."""
        if not self.total:
            return None
        return self.with_quality(self.builder.build(Quality(), self.meta(meta, measured)))
