"""What arrived of one epoch of the sampling program, and the profile that it becomes."""

import numpy as np

from profiler.agent.kernel.counts import Counts
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.sample_times import SampleTimes
from profiler.agent.sampling.sampled_profile import ProfileParts, Rows, counted, lost_stack
from profiler.agent.sampling.stack_book import StackBook
from profiler.core.builder import over_bound
from profiler.core.groups import CgroupLabels
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.times import TimesBuilder

TIMES_LATE = "times of samples, held back in the ring"


class Epoch(StackBook):
    def __init__(self) -> None:
        super().__init__()
        self.times = SampleTimes()

    def build(
        self,
        counts: Counts,
        table: FrameTable,
        meta: ProfileMeta,
        unix_offset_ns: int,
        bpf_ns: int,
        cgroups: dict[str, CgroupLabels],
    ) -> Profile:
        """`unix_offset_ns` is what Unix time is ahead of the monotonic clock."""
        lost = lost_stack(table)
        sampled = [self.stacks.get(key, lost) for key in counts.hashes.tolist()]
        value = counts.counts.astype(np.int64)
        parts = ProfileParts(Rows(sampled, value, value, tuple(self.threads)), table)
        times = TimesBuilder()
        late = self.times.tell(times, counts.hashes, parts.node, parts.thread, unix_offset_ns)
        quality = counted(counts.counters, bpf_ns) + Quality(skipped={TIMES_LATE: late} if late else {})
        if times.dropped:
            quality += over_bound(times.dropped)
        return parts.profile(meta, quality, times.build(parts.rows, meta.start_ns), cgroups)
