"""Made-up profiles of three sizes; M is as large as a busy service's. The same bytes every run."""

import random

from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, FrameKind
from profiler.core.profile import ProfileMeta
from profiler.core.tree import build_tree
from profiler.core.wire import encode

#: Functions and stacks; the nodes are about 4,000, 58,000 and 900,000.
SIZES = {"S": (500, 1_150), "M": (4_000, 16_500), "L": (20_000, 260_000)}
MAX_DEPTH = 62
MIN_TARGET_DEPTH = 3
SEED = 20_260
VERBS = [
    "parse",
    "serialize",
    "read",
    "write",
    "flush",
    "lookup",
    "commit",
    "schedule",
    "decode",
    "encode",
    "bind",
    "resolve",
    "visit",
    "render",
    "merge",
    "wait",
]
NOUNS = [
    "Request",
    "Response",
    "Buffer",
    "Session",
    "Query",
    "Row",
    "Batch",
    "Index",
    "Segment",
    "Token",
    "Cursor",
    "Shard",
    "Node",
    "Layer",
    "Metric",
    "Event",
]


def message(size: str = "M") -> tuple[bytes, list[str], int]:
    """The wire message, the path (names from below the root) of a frame a quarter as wide as all, and the nodes."""
    functions_made, stacks_made = SIZES[size]
    rng = random.Random(SEED)
    builder = ProfileBuilder(ProfileMeta(host="bench", probe="cpu", period_ns=10_101_010))
    functions = [builder.frame(_function(rng, i)) for i in range(functions_made)]
    stacks: list[list[int]] = [[functions[0]]]
    for _ in range(stacks_made):
        # A new stack follows an old one for most of its way, then calls two to five functions of its own.
        trunk = stacks[min(int(rng.expovariate(1 / 2_000)), len(stacks) - 1)]
        keep = min(len(trunk), MAX_DEPTH - 5, 1 + int(len(trunk) * rng.betavariate(4, 1)))
        tail = [functions[int(functions_made * rng.random() ** 1.6)] for _ in range(rng.randint(2, 5))]
        stacks.append(trunk[:keep] + tail)
        builder.add(builder.stack(stacks[-1]), 1 + int(rng.paretovariate(0.8)) % 3_000)
    tree = build_tree(builder.build(), group=())
    quarter = int(tree.total[0]) // 4
    candidates = (i for i in range(1, len(tree)) if tree.depth[i] > MIN_TARGET_DEPTH)
    middle = min(candidates, key=lambda i: abs(int(tree.total[i]) - quarter))
    path = _path(tree.depth.tolist(), [tree.frames[f].name for f in tree.frame.tolist()], middle)
    return encode(tree), path, len(tree)


def _function(rng: random.Random, number: int) -> Frame:
    kind = (FrameKind.NATIVE, FrameKind.PYTHON, FrameKind.KERNEL)[number % 3]
    name = f"{rng.choice(VERBS)}_{rng.choice(NOUNS)}::{rng.choice(VERBS)}{rng.choice(NOUNS)}_{number}"
    return Frame(name, kind, ("libservice.so", "", "[kernel]")[number % 3])


def _path(depth: list[int], names: list[str], node: int) -> list[str]:
    path = [names[node]]
    for i in range(node - 1, 0, -1):
        if depth[i] < depth[node]:
            node = i
            path.append(names[i])
    return path[::-1]
