"""Profiles that nobody wishes for, and somebody has: of two seconds each, the first unlike the second."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from profiler.core.diff import FunctionSides
from profiler.core.diff_wire import encode_pair
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.overview import encode_overview
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.times import RESOLUTION_NS, Times
from profiler.core.tree import ROOT_FRAME, Tree, build_tree
from profiler.core.wire import encode
from tests.core.strategies import build_timed

MS = 1_000_000
META = ProfileMeta(duration_ns=2 * 10**9, period_ns=10 * MS)
HOSTILE = ["<img src=x onerror=window.hacked=1>", "\u202egnp.exe", "🔥🔥", "שלום", "x" * 10_000, ""]
MOST = 2**63 - 1
MILLION = 1_000_000
# So many names have the million callees: each is called 200 times.
NAMES = 5000
CROWD = 305_000

Row = tuple[list[Frame], Thread, list[int], int]


def names() -> Profile:
    """Functions, modules, files and threads of such names; those of the second half run in the second second."""
    rows: list[Row] = []
    for i, name in enumerate(HOSTILE):
        frame = Frame(name, FrameKind.PYTHON, module=name, file=name, line=1)
        at = [(1000 * (i % 2) + 40 * i + 10 * n) * MS for n in range(4)]
        rows.append(([Frame(name), frame], Thread(10 + i, 10 + i, name), at, 0))
    return build_timed(rows, META)


def one() -> Profile:
    return build_timed([([Frame("main")], Thread(), [0], 0)], META)


def none() -> Profile:
    return build_timed([], META)


def deep() -> Profile:
    """A stack of 10,000 frames in either second."""
    stack = [Frame(f"f{i % 7}") for i in range(10_000)]
    return build_timed([(stack, Thread(1, 1, "web"), [0, 1000 * MS], 3)], META)


def values() -> Profile:
    """A stack that is worth nothing beside one that is worth as much as a value can be."""
    threads = Thread(1, 1, "web")
    return build_timed([([Frame("much")], threads, [0], MOST - 1), ([Frame("nothing")], threads, [], 0)], META)


@cache
def crowd() -> Profile:
    """One thread that was in another callee of one function each 50 µs, more often than a chart has frames."""
    profile = build_timed([([Frame("main"), Frame(f"f{i}")], Thread(1, 1, "web"), [0], 0) for i in range(NAMES)], META)
    at = np.arange(CROWD, dtype=np.int64) * RESOLUTION_NS
    row = np.arange(CROWD, dtype=np.int32) % NAMES
    value = np.full(NAMES, CROWD // NAMES, dtype=np.int64)
    meta = replace(META, duration_ns=CROWD * RESOLUTION_NS, period_ns=RESOLUTION_NS)
    return replace(profile, meta=meta, value=value, times=Times.sorted(at, row))


ODD: dict[str, Callable[[], Profile]] = {
    "names": names, "one": one, "none": none, "deep": deep, "values": values, "crowd": crowd,
}  # fmt: skip


def most_and_nothing() -> bytes:
    """Two sides: what was worth nothing is worth all, and the other way round."""
    profile = values()
    sides = [build_tree(replace(profile, value=np.array(side, dtype=np.int64)), ()) for side in ([MOST, 0], [0, MOST])]
    own = np.array([[MOST, 0], [0, MOST]], dtype=np.int64)
    functions = FunctionSides(np.arange(2, dtype=np.uint64), own, own, 0)
    return encode_pair(sides[0], sides[1], functions, profile.frames)


@cache
def million_sides(_: str) -> bytes:
    """The million callees on both sides: each second one has vanished, the others are twice as much."""
    whole = _million()
    gone = np.r_[0, 0, np.tile([0, 2], MILLION // 2)]
    each = MILLION // NAMES
    sides = np.stack([np.full(NAMES, each), np.tile([0, 2 * each], NAMES // 2)])
    functions = FunctionSides(np.arange(NAMES, dtype=np.uint64), sides, sides, 0)
    other = replace(whole, self_value=gone, total=np.r_[MILLION, MILLION, gone[2:]])
    return encode_pair(whole, other, functions, whole.frames[2:])


@cache
def million(detail: str) -> bytes:
    """So many callees of one function, and what a page asks for first of them."""
    return encode_overview(_million()) if detail == "overview" else encode(_million())


@cache
def _million() -> Tree:
    frames = [ROOT_FRAME, Frame("main"), *(Frame(f"f{i}") for i in range(NAMES))]
    depth = np.r_[0, 1, np.full(MILLION, 2)]
    frame = np.r_[0, 1, 2 + np.arange(MILLION) % NAMES]
    own = np.r_[0, 0, np.ones(MILLION, dtype=np.int64)]
    size = np.r_[MILLION + 2, MILLION + 1, np.ones(MILLION, dtype=np.int64)]
    total = np.r_[MILLION, MILLION, np.ones(MILLION, dtype=np.int64)]
    return Tree(ProfileMeta(), frames, depth, frame, own, total, size)
