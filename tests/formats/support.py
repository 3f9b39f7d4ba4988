"""What the tests of formats share: streams that misbehave on purpose, and profiles as plain dictionaries."""

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from profiler.core.grouping import DEFAULT_GROUP, GroupBy
from profiler.core.profile import Profile
from profiler.formats import folded, perf_script
from profiler.formats.base import DEFAULT_LIMITS, Limits

SAMPLES = Path(__file__).parent.parent / "samples"


class Trickle:
    """A stream that gives at most `size` bytes at a time, as sockets do."""

    def __init__(self, data: bytes, size: int) -> None:
        self._file, self._size = io.BytesIO(data), size

    def read(self, size: int, /) -> bytes:
        return self._file.read(min(size, self._size))


class Endless:
    """`length` bytes that repeat `pattern`; counts how many were asked for."""

    def __init__(self, pattern: bytes, length: int) -> None:
        self._block = pattern * (2**20 // len(pattern) + 1)
        self._left, self.given = length, 0

    def read(self, size: int, /) -> bytes:
        block = self._block[: min(size, self._left)]
        self._left -= len(block)
        self.given += len(block)
        return block


def stacks(profile: Profile) -> dict[str, int]:
    """Value by `name;name;…`, heads left out."""
    found: Counter[str] = Counter()
    for node, value in zip(profile.node.tolist(), profile.value.tolist(), strict=True):
        found[";".join(profile.frames[frame].name for frame in profile.stacks.path(node))] += value
    return dict(found)


def load_folded(text: str | bytes, limits: Limits = DEFAULT_LIMITS) -> Profile:
    data = text.encode() if isinstance(text, str) else text
    return folded.load(io.BytesIO(data), "test.folded", limits)


def load_perf(text: str | bytes, limits: Limits = DEFAULT_LIMITS) -> list[Profile]:
    data = text.encode() if isinstance(text, str) else text
    return perf_script.load(io.BytesIO(data), "test.perf", limits)


def dumped(profile: Profile, *, group: Sequence[GroupBy] = DEFAULT_GROUP, annotations: bool = False) -> str:
    parts: list[str] = []
    folded.dump(profile, parts.append, group=group, annotations=annotations)
    return "".join(parts)
