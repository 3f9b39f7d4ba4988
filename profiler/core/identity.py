"""Who a frame and a stack are, as 64-bit numbers of their content: the same everywhere, so sums need no coordination.

Frames are hashed with BLAKE2b. A stack is `mix(stack below, frame)`. Among ten million stacks two are the same number
by chance once in 370,000 times (n² / 2⁶⁵).
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import msgpack
import numpy as np
import numpy.typing as npt

from profiler.core.frame import Frame
from profiler.core.trie import AnyInts, Ints, levels

Hashes = npt.NDArray[np.uint64]
# The stack of no frames.
EMPTY = 0
# Frames recur from profile to profile; one entry is about 400 bytes.
_REMEMBERED = 200_000
# Constants of MurmurHash3's 64-bit finalizer, and the golden ratio.
_FIRST, _SECOND = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(33)


class _Remembered(dict[Frame, int]):
    """Frame → its number. Looked at without a function's call for each frame, of which a profile has thousands."""

    def __missing__(self, frame: Frame) -> int:
        content: bytes = msgpack.packb(tuple(frame), unicode_errors="replace")
        number = int.from_bytes(blake2b(content, digest_size=8).digest(), "little")
        if len(self) >= _REMEMBERED:
            # Those that recur are back with the next profile.
            self.clear()
        self[frame] = number
        return number


_NUMBERS = _Remembered()


def frame_hash(frame: Frame) -> int:
    """Equal for equal frames."""
    return _NUMBERS[frame]


def frame_hashes(frames: Sequence[Frame]) -> Hashes:
    return np.fromiter(map(_NUMBERS.__getitem__, frames), dtype=np.uint64, count=len(frames))


def key_hash(*parts: str) -> int:
    """A number below 2⁶³ for a tuple of texts: what fits a database's integer key."""
    content: bytes = msgpack.packb(parts, unicode_errors="replace")
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "little") >> 1


def mix(below: Hashes | np.uint64, frame: Hashes) -> Hashes:
    """The stacks where `frame` is called by the stacks `below`."""
    with np.errstate(over="ignore"):
        value: Any = (below + _GOLDEN) * _SECOND ^ frame
        value = (value ^ value >> _SHIFT) * _FIRST
        value = (value ^ value >> _SHIFT) * _SECOND
    stacks: Hashes = value ^ value >> _SHIFT
    return stacks


def stack_hashes(parent: AnyInts, frame: Hashes, by_level: Iterable[Ints] | None = None) -> Hashes:
    """The stack of each node of a trie; `frame` is the frame's number at each node, `by_level` its `levels`."""
    found = np.empty(len(parent), dtype=np.uint64)
    for depth, nodes in enumerate(levels(parent) if by_level is None else by_level):
        below = found[parent[nodes]] if depth else np.uint64(EMPTY)
        found[nodes] = mix(below, frame[nodes])
    return found
