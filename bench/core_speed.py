"""How long the functional core takes: batch, merge, tree, prune, wire; medians over repeats, one process.

Usage: python bench/core_speed.py [STACKS]   (default 20,000, about 76,000 nodes)
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from profiler.core import batch, wire
from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, Thread
from profiler.core.merge import merge
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.prune import prune
from profiler.core.tree import build_tree

REPEATS = 7


def synthetic(stacks: int) -> Profile:
    """Stacks about 30 deep that share prefixes as real ones do. The same on every run."""
    rng = random.Random(1)
    builder = ProfileBuilder(ProfileMeta())
    frames = [builder.frame(Frame(f"function_{i}")) for i in range(4000)]
    paths: list[list[int]] = []
    for i in range(stacks):
        shared = rng.choice(paths)[: rng.randint(5, 30)] if paths and rng.random() < 0.95 else []
        paths.append(shared + rng.choices(frames, k=rng.randint(1, 4) if shared else 30))
        thread = builder.thread(Thread(i % 20, i % 40, f"worker-{i % 7}"))
        builder.add(builder.stack(paths[-1]), rng.randint(1, 5), thread)
    return builder.build()


def timed(name: str, work: Callable[[], Any]) -> Any:
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - begin)
    print(f"{name:34} {statistics.median(times) * 1e3:9.1f} ms")
    return result


def main() -> None:
    stacks = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    profile = synthetic(stacks)
    print(f"{stacks:,} stacks, {len(profile.stacks):,} trie nodes")
    data = timed("batch.encode", lambda: batch.encode(profile))
    print(f"{'  bytes':34} {len(data):9,}")
    timed("batch.decode", lambda: batch.decode(data))
    timed("merge of two", lambda: merge([profile, profile], ProfileMeta()))
    timed("build_tree, no groups", lambda: build_tree(profile, ()))
    tree = timed("build_tree by comm", lambda: build_tree(profile))
    print(f"{'  tree nodes':34} {len(tree):9,}")
    timed("prune to 20,000", lambda: prune(tree, 20_000))
    message = timed("wire.encode", lambda: wire.encode(tree))
    print(f"{'  bytes':34} {len(message):9,}")


if __name__ == "__main__":
    main()
