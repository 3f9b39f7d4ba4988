"""The trie of many whole stacks at once, in numpy."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from profiler.core.profile import Int32s, Stacks

FRAME = np.dtype(np.int32)
"""A path is the bytes of its frames' numbers as this type, root first."""

# Paths that are laid side by side: of 127 frames they take 5 MB while it lasts.
BLOCK = 1024


def trie_of(paths: Sequence[bytes]) -> tuple[Stacks, Int32s]:
    """The trie of different, non-empty paths, and the node of each.

    Sorted, paths that begin the same stand together: what a path does not share with the one before it is new.
    """
    order = sorted(range(len(paths)), key=paths.__getitem__)
    node = np.zeros(len(paths), dtype=np.int32)
    parents, frames = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    count, last, last_nodes = 0, b"", np.zeros(0, np.int32)
    for at in range(0, len(order), BLOCK):
        chosen = order[at : at + BLOCK]
        rows, length = _rows([last, *(paths[i] for i in chosen)])
        new = _is_new(rows, length)
        nodes = _numbered(new, count, last_nodes)
        above = np.hstack([np.full((len(nodes), 1), -1, dtype=np.int32), nodes[:, :-1]])
        parents.append(above[new])
        frames.append(rows[new])
        node[chosen] = nodes[np.arange(1, len(nodes)), length[1:] - 1]
        count += len(parents[-1])
        last, last_nodes = paths[chosen[-1]], nodes[-1, : length[-1]]
    return Stacks(parent=np.concatenate(parents), frame=np.concatenate(frames)), node


def _rows(paths: Sequence[bytes]) -> tuple[Int32s, npt.NDArray[np.int64]]:
    """One row per path, filled up with −1, and how long each is."""
    length = np.array([len(path) for path in paths]) // FRAME.itemsize
    rows = np.full((len(paths), length.max()), -1, dtype=FRAME)
    rows[np.arange(rows.shape[1]) < length[:, None]] = np.frombuffer(b"".join(paths), dtype=FRAME)
    return rows, length


def _is_new(rows: Int32s, length: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether a place is not shared with the row before. The first row is known already."""
    depth = np.arange(rows.shape[1])
    # Different paths of which one begins with the other differ where the shorter one is filled up.
    first_different = np.argmax(rows[1:] != rows[:-1], axis=1)
    new = np.zeros(rows.shape, dtype=np.bool_)
    new[1:] = (depth >= first_different[:, None]) & (depth < length[1:, None])
    return new


def _numbered(new: npt.NDArray[np.bool_], count: int, known: Int32s) -> Int32s:
    """The node of every place: `known` in the first row, new ones from `count` on, else the one of the row before."""
    numbers = np.full(new.shape, -1, dtype=np.int32)
    numbers[0, : len(known)] = known
    numbers[new] = np.arange(count, count + new.sum(), dtype=np.int32)
    return np.maximum.accumulate(numbers, axis=0)
