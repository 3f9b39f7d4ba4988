"""Hypothesis strategies: small profiles with repeated frames, so that stacks share prefixes and recurse."""

from hypothesis import strategies as st

from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile, ProfileMeta

NAMES = st.sampled_from(["main", "work", "sleep", "json.loads", "<b>&", "ночь", ""])
KINDS = st.sampled_from([FrameKind.NATIVE, FrameKind.KERNEL])
FRAMES = st.tuples(NAMES, KINDS, st.sampled_from(["", "libc"])).map(lambda row: Frame(*row))
THREADS = st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(["sh", "web", ""])).map(
    lambda row: Thread(*row)
)
SAMPLES = st.lists(st.tuples(st.lists(FRAMES, min_size=1, max_size=6), THREADS, st.integers(0, 2**40)), max_size=25)


def build(samples: list[tuple[list[Frame], Thread, int]], meta: ProfileMeta | None = None) -> Profile:
    builder = ProfileBuilder(meta or ProfileMeta())
    for frames, thread, value in samples:
        builder.add(builder.stack(builder.frame(f) for f in frames), value, builder.thread(thread))
    return builder.build()


PROFILES = SAMPLES.map(build)
