"""The dictionary of a day: which stack a dense id is. Read side; `growth.py` makes it grow."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from profiler.core.frame import Frame, FrameKind
from profiler.core.identity import Hashes, frame_hash
from profiler.core.profile import Int64s
from profiler.core.stack_trie import StackTrie
from profiler.store.cache import ByteCache
from profiler.store.catalog import Segment
from profiler.store.kinds import FRAMES, NODES, STACKS
from profiler.store.reading import FILES, Files, Missing

# Stands where a damaged dictionary segment took the name of a stack: its value is still counted.
LOST = Frame("[lost with a damaged segment of the stack dictionary]", FrameKind.PLACEHOLDER)
# A service of 80,000 nodes takes 1.6 MB. Per process; the floor of a web process is 400 MB in all.
CACHE_BYTES = 128 * 2**20
# What only the compactor asks for: nothing of it is kept in a process that answers.
COLUMNS_BYTES = 64 * 2**20
# About 400 bytes each.
MAX_FRAMES = 100_000
# Segments whose subjects are remembered: some hundred each, of a month's dictionaries.
MAX_FILES = 1000

V = TypeVar("V")
Key = tuple[int, int, tuple[str, ...]]


@dataclass(frozen=True)
class Columns:
    """As stored: parent and frame number by node, node by stack id."""

    parent: Int64s
    frame: Hashes
    leaf: Int64s

    @property
    def nbytes(self) -> int:
        return self.parent.nbytes + self.frame.nbytes + self.leaf.nbytes


def of_kind(
    segments: Iterable[Segment], kind: str, day: int | None = None, subject: int | None = None
) -> list[Segment]:
    """Those that may have rows of a day and subject, in the order of their paths."""
    chosen = [
        segment
        for segment in segments
        if segment.kind == kind
        and day in (None, segment.day)
        and (subject is None or segment.subject_min <= subject <= segment.subject_max)
    ]
    return sorted(chosen, key=lambda segment: segment.path)


class Dictionaries:
    """Tries and frames, cached under the names of the files they were read from: these never change."""

    def __init__(self, files: Files, cache_bytes: int = CACHE_BYTES) -> None:
        self._files = files
        self._tries: ByteCache[Key, StackTrie] = ByteCache(cache_bytes, lambda trie: trie.nbytes)
        self._columns: ByteCache[Key, Columns] = ByteCache(COLUMNS_BYTES, lambda columns: columns.nbytes)
        self._subjects: OrderedDict[str, frozenset[int]] = OrderedDict()
        self._numbers: ByteCache[Key, Hashes] = ByteCache(cache_bytes // 4, lambda hashes: hashes.nbytes)
        self._frames: OrderedDict[int, Frame] = OrderedDict()
        self._lock = Lock()

    def trie(self, segments: Sequence[Segment], day: int, subject: int, missing: Missing) -> StackTrie:
        """The stacks of a subject on a day, with one more at the end: what a damaged dictionary does not name."""

        chosen = self._of_subject(segments, day, subject)

        def make(missing: Missing) -> StackTrie:
            columns = self._read(chosen, self.numbers(segments, day, missing), subject, missing)
            lost = np.uint64(frame_hash(LOST))
            parent, frame = np.r_[columns.parent, -1], np.r_[columns.frame, lost]
            leaf = np.r_[np.where(columns.leaf >= 0, columns.leaf, len(parent) - 1), len(parent) - 1]
            return StackTrie.build(parent, frame, leaf)

        return _unless_damaged(self._tries, _key(chosen, day, subject), make, missing)

    def columns(self, segments: Sequence[Segment], day: int, subject: int, missing: Missing) -> Columns:
        """What is stored. Holes that damage left are LOST frames without a caller; a stack without a node is −1."""
        chosen = self._of_subject(segments, day, subject)

        def make(missing: Missing) -> Columns:
            return self._read(chosen, self.numbers(segments, day, missing), subject, missing)

        return _unless_damaged(self._columns, _key(chosen, day, subject), make, missing)

    def _read(self, chosen: Sequence[Segment], numbers: Hashes, subject: int, missing: Missing) -> Columns:
        sql = f"SELECT node, parent, frame FROM read_parquet({FILES}) WHERE subject = ?"  # noqa: S608 our own names
        nodes = self._files.ask(of_kind(chosen, NODES), sql, [subject], missing)
        sql = f"SELECT stack, node FROM read_parquet({FILES}) WHERE subject = ?"  # noqa: S608
        stacks = self._files.ask(of_kind(chosen, STACKS), sql, [subject], missing)
        parent, frame, leaf = (np.zeros(0, dtype=np.int64) for _ in range(3))
        if nodes is not None:
            parent = _placed(nodes["node"], nodes["parent"], -1)
            frame = _placed(nodes["node"], nodes["frame"], len(numbers))
        if stacks is not None:
            leaf = _placed(stacks["stack"], stacks["node"], -1)
        named = np.r_[numbers, np.uint64(frame_hash(LOST))]
        return Columns(parent, named[np.minimum(frame, len(numbers))], np.where(leaf < len(parent), leaf, -1))

    def _of_subject(self, segments: Sequence[Segment], day: int, subject: int) -> list[Segment]:
        """Segments of the dictionary that have rows of the subject.

        Most compactions bring most subjects no stack that is new: what is known of them stays true.
        """
        kinds = (NODES, STACKS)
        return [one for kind in kinds for one in of_kind(segments, kind, day, subject) if self._has(one, subject)]

    def _has(self, segment: Segment, subject: int) -> bool:
        """Files don't change: each is asked once which subjects it has. One that can't be read may have any."""
        known = self._subjects.get(segment.path)
        if known is None:
            sql = f"SELECT DISTINCT subject FROM read_parquet({FILES})"  # noqa: S608
            found = self._files.ask([segment], sql, [], Missing())
            if found is None:
                return True
            known = frozenset(found["subject"].tolist())
            with self._lock:
                self._subjects[segment.path] = known
                while len(self._subjects) > MAX_FILES:
                    self._subjects.popitem(last=False)
        return subject in known

    def numbers(self, segments: Sequence[Segment], day: int, missing: Missing) -> Hashes:
        """The number of content of each frame id of a day."""

        def make(missing: Missing) -> Hashes:
            sql = f"SELECT frame, hash FROM read_parquet({FILES})"  # noqa: S608
            found = self._files.ask(of_kind(segments, FRAMES, day), sql, [], missing)
            if found is None:
                return np.zeros(0, dtype=np.uint64)
            return _placed(found["frame"], found["hash"], np.uint64(frame_hash(LOST)))

        return _unless_damaged(self._numbers, _frames_key(segments, day), make, missing)

    def frames(self, segments: Sequence[Segment], wanted: Hashes, missing: Missing) -> dict[int, Frame]:
        """Number → frame, of those that the dictionaries know."""
        numbers = wanted.tolist()
        with self._lock:
            known = {number: self._frames[number] for number in numbers if number in self._frames}
        unknown = [number for number in numbers if number not in known]
        if unknown:
            known |= self._read_frames(segments, unknown, missing)
        return {frame_hash(LOST): LOST} | known

    def _read_frames(self, segments: Sequence[Segment], numbers: list[int], missing: Missing) -> dict[int, Frame]:
        sql = f"SELECT * EXCLUDE frame FROM read_parquet({FILES}) SEMI JOIN wanted USING (hash)"  # noqa: S608
        wanted = pa.table({"hash": pa.array(numbers, pa.uint64())})
        found = self._files.ask(of_kind(segments, FRAMES), sql, [], missing, wanted=wanted)
        if found is None:
            return {}
        names = ("hash", "name", "kind", "module", "build_id", "offset", "file", "line")
        rows = zip(*(found[name].tolist() for name in names), strict=True)
        read = {number: Frame(name, FrameKind(kind), *rest) for number, name, kind, *rest in rows}
        with self._lock:
            self._frames.update(read)
            while len(self._frames) > MAX_FRAMES:
                self._frames.popitem(last=False)
        return read


class _DamagedError(Exception):
    """Carries what could be read past the cache."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


def _unless_damaged(cache: ByteCache[Key, V], key: Key, make: Callable[[Missing], V], missing: Missing) -> V:
    """From the cache; what lacks something is never kept there: the next one must hear of it as well."""

    def whole() -> V:
        damage = Missing()
        value = make(damage)
        missing.take(damage)
        if damage.paths:
            raise _DamagedError(value)
        return value

    try:
        return cache.get(key, whole)
    except _DamagedError as damaged:
        found: V = damaged.value
        return found


def _placed(place: npt.NDArray[np.int32], values: npt.NDArray[np.generic], default: int | np.uint64) -> npt.NDArray:  # type: ignore[type-arg]
    """Values by their place; `default` where there is none."""
    wide = np.uint64 if values.dtype == np.uint64 else np.int64
    column = np.full(int(place.max(initial=-1)) + 1, default, dtype=wide)
    column[place] = values
    return column


def _key(chosen: Sequence[Segment], day: int, subject: int) -> Key:
    return day, subject, tuple(segment.path for segment in chosen)


def _frames_key(segments: Sequence[Segment], day: int) -> Key:
    return day, -1, tuple(segment.path for segment in of_kind(segments, FRAMES, day))
