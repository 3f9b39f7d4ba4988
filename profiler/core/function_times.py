"""When functions were on the stack: samples over time, a row for each function."""

from collections.abc import Sequence

import numpy as np

from profiler.core.errors import ProfileError
from profiler.core.lanes import MAX_COLUMNS
from profiler.core.profile import Int64s, Profile

# One bit for each in a node's word: a screenful of a table.
MAX_NAMES = 64


def function_times(profile: Profile, names: Sequence[str], columns: int, last_ns: int) -> Int64s:
    """`counts[name, column]`: samples whose stack has a frame of that name, in equal slices of the time to `last_ns`.

    Raises ProfileError for too many names or columns.
    """
    if len(names) > MAX_NAMES:
        raise ProfileError(f"{len(names)} functions at once, more than MAX_NAMES ({MAX_NAMES})")
    if not 1 <= columns <= MAX_COLUMNS:
        raise ProfileError(f"function times: {columns} columns; 1 to MAX_COLUMNS ({MAX_COLUMNS})")
    times = profile.times
    column = np.clip(times.at_ns // (last_ns // columns + 1), 0, columns - 1)
    words = _words(profile, names)[profile.node[times.row]] if len(times) else np.zeros(0, dtype=np.uint64)
    counts = np.zeros((len(names), columns), dtype=np.int64)
    for bit in range(len(names)):
        counts[bit] = np.bincount(column[(words >> np.uint64(bit)) & np.uint64(1) == 1], minlength=columns)
    return counts


def _words(profile: Profile, names: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Of each node of the trie: which of the names its stack has."""
    bits = {name: np.uint64(1 << bit) for bit, name in enumerate(names)}
    own = np.array([bits.get(frame.name, np.uint64(0)) for frame in profile.frames], dtype=np.uint64)
    parent = profile.stacks.parent
    words = own[profile.stacks.frame] if len(parent) else np.zeros(0, dtype=np.uint64)
    above = np.where(parent < 0, np.arange(len(parent)), parent)
    # Each round looks twice as far up.
    while True:
        words = words | words[above]
        further = above[above]
        if np.array_equal(further, above):
            return words
        above = further
