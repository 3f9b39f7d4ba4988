"""Made-up profiles of four sizes; M is as large as a busy service's. The same bytes every run."""

from collections.abc import Iterator

import numpy as np

from profiler.core.builder import ROOT, ProfileBuilder
from profiler.core.frame import Frame, FrameKind
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.tree import Tree, build_tree

#: Functions and stacks; the nodes are about 4,000, 58,000, 920,000 and 3,750,000.
SIZES = {"S": (500, 1_150), "M": (4_000, 16_500), "L": (20_000, 262_000), "XL": (40_000, 1_068_000)}
MAX_DEPTH = 62
MIN_TARGET_DEPTH = 3
SEED = 20_260
# Most stacks are like one of the first ones: what a program does mostly is found early.
TRUNKS = 2_000
VERBS = "parse serialize read write flush lookup commit schedule decode encode bind resolve visit render merge wait"
NOUNS = "Request Response Buffer Session Query Row Batch Index Segment Token Cursor Shard Node Layer Metric Event"
KINDS = ((FrameKind.NATIVE, "libservice.so"), (FrameKind.PYTHON, ""), (FrameKind.KERNEL, "[kernel]"))


def sample_profile(size: str = "M", profile_id: str = "") -> Profile:
    """A new stack follows an old one for most of its way, then calls two to five functions of its own."""
    functions_made, stacks_made = SIZES[size]
    random = np.random.Generator(np.random.PCG64(SEED))
    builder = ProfileBuilder(ProfileMeta(id=profile_id, host="bench", probe="cpu", period_ns=10_101_010))
    functions = [builder.frame(_function(random, i)) for i in range(functions_made)]
    first = builder.child(ROOT, functions[0])
    parent, depth, leaves = {first: ROOT}, {first: 1}, [first]
    for trunk, kept, calls, value in _stacks(random, functions_made, stacks_made):
        node = leaves[min(trunk, len(leaves) - 1)]
        keep = min(depth[node], MAX_DEPTH - 5, 1 + int(depth[node] * kept))
        while depth[node] > keep:
            node = parent[node]
        for call in calls:
            above, node = node, builder.child(node, functions[call])
            parent[node], depth[node] = above, depth[above] + 1
        leaves.append(node)
        builder.add(node, value)
    return builder.build()


def _stacks(random: np.random.Generator, functions: int, count: int) -> Iterator[tuple[int, float, list[int], int]]:
    """For each stack: whose way it follows, how much of it, what it calls then, and its value."""
    trunks = random.exponential(TRUNKS, count).astype(int).tolist()
    kept = random.beta(4, 1, count).tolist()
    lengths = random.integers(2, 6, count).tolist()
    calls = (functions * random.random((count, 5)) ** 1.6).astype(int).tolist()
    values = (1 + (1 + random.pareto(0.8, count)) % 3_000).astype(int).tolist()
    for i in range(count):
        yield trunks[i], kept[i], calls[i][: lengths[i]], values[i]


def _function(random: np.random.Generator, number: int) -> Frame:
    kind, module = KINDS[number % len(KINDS)]
    verbs, nouns = VERBS.split(), NOUNS.split()
    verb, noun, what, whose = random.integers(0, 16, 4).tolist()
    return Frame(f"{verbs[verb]}_{nouns[noun]}::{verbs[what]}{nouns[whose]}_{number}", kind, module)


def click_target(tree: Tree) -> list[str]:
    """The path (names from below the root) of a frame a quarter as wide as all: what the bench clicks."""
    quarter = int(tree.total[0]) // 4
    inner = np.flatnonzero(tree.depth > MIN_TARGET_DEPTH)
    node = int(inner[np.argmin(np.abs(tree.total[inner] - quarter))])
    path = [node]
    for i in range(node - 1, 0, -1):
        if tree.depth[i] < tree.depth[path[-1]]:
            path.append(i)
    return [tree.frames[int(tree.frame[i])].name for i in reversed(path)]


def whole_tree(profile: Profile) -> Tree:
    return build_tree(profile, group=())
