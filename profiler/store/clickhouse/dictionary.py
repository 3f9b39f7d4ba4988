"""Which frames a stack's number stands for: nodes of each subject, by number of content, and the frames of all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from profiler.core.frame import Frame, FrameKind
from profiler.core.identity import Hashes, frame_hash
from profiler.core.profile import Int64s
from profiler.core.stack_trie import StackTrie
from profiler.store.cache import ByteCache
from profiler.store.clickhouse.connection import Connection
from profiler.store.clickhouse.schema import EPOCH_DAYS
from profiler.store.dictionary import CACHE_BYTES, LOST
from profiler.store.kinds import FRAMES, NODES

# 22 digits each: what is sent at once stays far below what a server takes in a request.
AT_ONCE = 5_000
FRAME_BYTES = 400

Key = tuple[int, tuple[int, ...]]


@dataclass(frozen=True)
class SubjectStacks:
    """The trie of a subject: stack id i is the stack with the number `stack[i]` (ascending); one more is LOST."""

    stack: Hashes
    trie: StackTrie

    @property
    def nbytes(self) -> int:
        return self.stack.nbytes + self.trie.nbytes

    def ids(self, wanted: Hashes) -> Int64s:
        """Ids of these stacks; the last id for what is not known."""
        return _places(self.stack, wanted, len(self.stack))


def epochs(days: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted({day // EPOCH_DAYS for day in days}))


class Dictionary:
    """Read side, cached per process. What was read stays true; what is not known yet is read again."""

    def __init__(self, connection: Connection, cache_bytes: int = CACHE_BYTES) -> None:
        self._connection = connection
        self._bytes = cache_bytes
        self._stacks: ByteCache[Key, SubjectStacks] = ByteCache(cache_bytes, lambda stacks: stacks.nbytes)
        self._frames: ByteCache[int, Frame] = ByteCache(cache_bytes // 4, lambda frame: FRAME_BYTES)

    def stacks(self, subject: int, within: tuple[int, ...], wanted: Hashes) -> SubjectStacks:
        """The stacks of a subject in these epochs, with at least all that are wanted and stored."""
        key = subject, within
        found = self._stacks.get(key, lambda: self._read(subject, within))
        if (found.ids(wanted) == len(found.stack)).any():
            # Stacks that came since.
            self._stacks.drop(key)
            found = self._stacks.get(key, lambda: self._read(subject, within))
        return found

    def _read(self, subject: int, within: tuple[int, ...]) -> SubjectStacks:
        rows = self._connection.query(
            f"SELECT stack, any(parent) AS parent, any(frame) AS frame "  # noqa: S608 our own names
            f"FROM {self._connection.address.database}.{NODES} "
            "WHERE subject = {subject:Int32} AND epoch IN {epochs:Array(UInt16)} GROUP BY stack ORDER BY stack",
            {"subject": subject, "epochs": list(within)},
        )
        stack = rows["stack"].astype(np.uint64)
        parent = _places(stack, rows["parent"].astype(np.uint64), -1)
        frame = np.r_[rows["frame"].astype(np.uint64), np.uint64(frame_hash(LOST))]
        return SubjectStacks(stack, StackTrie.build(np.r_[parent, -1], frame, np.arange(len(frame))))

    def frames(self, wanted: Hashes) -> dict[int, Frame]:
        """Number → frame, of those that are stored."""
        known = {frame_hash(LOST): LOST}
        unknown = []
        for number in wanted.tolist():
            frame = self._frames.peek(number)
            if frame is None:
                unknown.append(number)
            else:
                known[number] = frame
        for first in range(0, len(unknown), AT_ONCE):
            for number, frame in self._read_frames(unknown[first : first + AT_ONCE]).items():
                known[number] = self._frames.get(number, lambda frame=frame: frame)  # type: ignore[misc]
        return known

    def _read_frames(self, numbers: list[int]) -> Mapping[int, Frame]:
        names = ("hash", "name", "kind", "module", "build_id", "offset", "file", "line")
        rows = self._connection.query(
            f"SELECT {', '.join(names)} FROM {self._connection.address.database}.{FRAMES} "  # noqa: S608
            "WHERE hash IN {hashes:Array(UInt64)} LIMIT 1 BY hash",
            {"hashes": numbers},
        )
        columns = zip(*(rows[name].tolist() for name in names), strict=True)
        return {number: Frame(name, FrameKind(kind), *rest) for number, name, kind, *rest in columns}


def _places(known: Hashes, wanted: Hashes, absent: int) -> Int64s:
    """Where each wanted number stands in the ascending known ones."""
    if not len(known):
        return np.full(len(wanted), absent, dtype=np.int64)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1).astype(np.int64)
    return np.where(known[place] == wanted, place, absent)
