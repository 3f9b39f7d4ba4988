"""Whole stacks by the bytes of their frames' numbers, under an import's limits: for files of a million of them.

A path is joined from parts that are known already, and the trie is made of all paths at once (core/path_trie.py).
"""

from array import array
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from profiler.core.path_trie import FRAME, trie_of
from profiler.core.profile import Int64s, Profile, ProfileMeta
from profiler.core.quality import Quality
from profiler.formats.checked_names import NO_STACK, CheckedNames, Measured

_THREAD_BITS: Final = 32


def path_part(root_first: Sequence[int]) -> bytes:
    """Numbers of frames as a piece of a path."""
    return np.array(root_first, dtype=FRAME).tobytes()


class CheckedPaths:
    """Samples of one file: each a path, a thread and a value for each of `columns` profiles."""

    def __init__(self, names: CheckedNames, columns: int) -> None:
        self._names = names
        self._paths: dict[bytes, int] = {}
        self._path, self._thread = array("l"), array("l")
        self._values = [array("q") for _ in range(columns)]
        self._longest = names.limits.depth * FRAME.itemsize

    def add(self, path: bytes, thread: int, values: Sequence[int], place: str) -> None:
        """Add a sample; values are 0 or more. An empty path is `[no stack]`, one that is too deep is counted only."""
        if len(path) > self._longest:
            self._names.skip(f"stack deeper than {self._names.limits.depth:,} frames", place)
            return
        self._path.append(self._paths.setdefault(path or self._no_stack(), len(self._paths)))
        self._thread.append(thread)
        for column, value in zip(self._values, values, strict=True):
            column.append(value)

    def profile(self, column: int, meta: ProfileMeta, measured: Measured, samples: int) -> Profile | None:
        """The profile of one column, None when all of it is 0. Raises FormatError when it is over a limit."""
        value = np.array(self._values[column], dtype=np.int64)
        used = np.flatnonzero(value)
        if not len(used):
            return None
        # Python's sum: 64 bits do not hold what a hostile file adds up to.
        self._names.total, self._names.samples = sum(value[used].tolist()), samples
        meta = self._names.meta(meta, measured)
        path, row = np.unique(np.array(self._path)[used], return_inverse=True)
        all_paths = list(self._paths)
        stacks, node_of = trie_of([all_paths[number] for number in path.tolist()])
        self._names.check(len(stacks), self._names.limits.nodes, "stacks")
        frames, stacks.frame[:] = np.unique(stacks.frame, return_inverse=True)
        thread, thread_row = np.unique(np.array(self._thread)[used], return_inverse=True)
        node, row_thread, sums = _summed(node_of[row], thread_row, value[used])
        known_frames, known_threads = self._names.builder.frames, self._names.builder.threads
        return self._names.with_quality(
            Profile(
                meta=meta,
                frames=tuple(known_frames[number] for number in frames.tolist()),
                stacks=stacks,
                threads=tuple(known_threads[number] for number in thread.tolist()),
                node=node,
                thread=row_thread,
                value=sums,
                quality=Quality(),
            ).check()
        )

    def _no_stack(self) -> bytes:
        return path_part([self._names.frame(NO_STACK)])


def _summed(
    node: npt.NDArray[np.int32], thread: npt.NDArray[np.intp], value: Int64s
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Int64s]:
    """Values of one stack and thread added up."""
    keys, row = np.unique(node.astype(np.int64) << _THREAD_BITS | thread, return_inverse=True)
    sums = np.zeros(len(keys), dtype=np.int64)
    np.add.at(sums, row, value)
    return (keys >> _THREAD_BITS).astype(np.int32), (keys & (1 << _THREAD_BITS) - 1).astype(np.int32), sums
