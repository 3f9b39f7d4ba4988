"""Hypothesis strategies: small profiles with repeated frames, so that stacks share prefixes and recurse."""

import numpy as np
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

# Times in ns after the profile's start; a stack has at least as many samples as times.
AT_NS = st.lists(st.integers(0, 4 * 10**9), max_size=6)


def timed(samples: list[tuple[str, list[int]]], start_ns: int = 0, duration_s: int = 0) -> Profile:
    """Functions and the times at which they were sampled."""
    rows = [([Frame(name)], Thread(1, 1, "sh"), at, 0) for name, at in samples]
    return build_timed(rows, ProfileMeta(start_ns=start_ns, duration_ns=duration_s * 10**9))


def build_timed(samples: list[tuple[list[Frame], Thread, list[int], int]], meta: ProfileMeta) -> Profile:
    """Stacks, threads, times, and how many more samples have none. CPUs are 0 to 2 in turns, each fourth not known."""
    builder = ProfileBuilder(meta)
    for frames, thread, at, more in samples:
        node, owner = builder.stack(builder.frame(f) for f in frames), builder.thread(thread)
        builder.add(node, len(at) + more, owner)
        moments = np.array(at, dtype=np.int64) + meta.start_ns
        cpus = (np.arange(len(at)) + 1) % 4 - 1
        builder.add_times(np.full(len(at), node), np.full(len(at), owner), moments, cpus)
    return builder.build()


TIMED = st.builds(
    build_timed,
    st.lists(st.tuples(st.lists(FRAMES, min_size=1, max_size=4), THREADS, AT_NS, st.integers(0, 3)), max_size=8),
    st.integers(0, 2**40).map(lambda start_ns: ProfileMeta(start_ns=start_ns)),
)
