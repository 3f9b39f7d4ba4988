"""Adding profiles up. Commutative and associative in what they say; the order of columns follows the input."""

from collections.abc import Iterable

from profiler.core.builder import ROOT, ProfileBuilder
from profiler.core.errors import ProfileError
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import Quality


class Merger:
    """Sums profiles one by one; what a live view and a merge of many share."""

    def __init__(self, meta: ProfileMeta) -> None:
        self._builder = ProfileBuilder(meta)
        self._quality = Quality()

    def add(self, profile: Profile) -> None:
        """Add a profile of the same kind and unit. Raises ProfileError when they differ."""
        mine, theirs = self._builder.meta, profile.meta
        if (mine.kind, mine.unit) != (theirs.kind, theirs.unit):
            raise ProfileError(
                f"profile {theirs.id or '(no id)'}: {theirs.kind} in {theirs.unit} can't be added to "
                f"{mine.kind} in {mine.unit}"
            )
        builder = self._builder
        frames = [builder.frame(frame) for frame in profile.frames]
        threads = [builder.thread(thread) for thread in profile.threads]
        nodes: list[int] = []
        for parent, frame in zip(profile.stacks.parent.tolist(), profile.stacks.frame.tolist(), strict=True):
            nodes.append(builder.child(ROOT if parent < 0 else nodes[parent], frames[frame]))
        builder.add_samples(profile, nodes, threads)
        builder.label_cgroups(profile.cgroups)
        builder.label_processes(profile.processes)
        self._quality += profile.quality

    def build(self, meta: ProfileMeta | None = None) -> Profile:
        return self._builder.build(self._quality, meta)


def merge(profiles: Iterable[Profile], meta: ProfileMeta) -> Profile:
    merger = Merger(meta)
    for profile in profiles:
        merger.add(profile)
    return merger.build()
