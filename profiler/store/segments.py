"""Segments as the source of answers."""

from collections.abc import Sequence

from profiler.core.frame import Frame
from profiler.core.identity import Hashes
from profiler.core.stack_trie import StackTrie
from profiler.store.catalog import Segment, Snapshot
from profiler.store.dictionary import Dictionaries
from profiler.store.listing import ProfileRow, largest_stored
from profiler.store.question import Chosen, Question
from profiler.store.reading import Files, Missing
from profiler.store.sums import SumsReader
from profiler.store.timed import TimedSegments


class Segments(SumsReader):
    """`Source` of the embedded store."""

    # DuckDB keeps what it once had: 50 services of 6,000 stacks at once were 60 MB more, and not faster.
    portion = 8

    def __init__(self, files: Files, dictionaries: Dictionaries) -> None:
        super().__init__(files)
        self._dictionaries = dictionaries

    def timed(self, snapshot: Snapshot, question: Question, chosen: Chosen, missing: Missing) -> TimedSegments:
        return TimedSegments(self._files, snapshot, question, chosen, missing)

    def largest(
        self, snapshot: Snapshot, question: Question, chosen: Chosen, limit: int, missing: Missing
    ) -> list[ProfileRow]:
        return largest_stored(self._files, snapshot, question, chosen, limit, missing)

    def trie(self, segments: Sequence[Segment], day: int, subject: int, missing: Missing) -> StackTrie:
        return self._dictionaries.trie(segments, day, subject, missing)

    def frames(self, segments: Sequence[Segment], wanted: Hashes, missing: Missing) -> dict[int, Frame]:
        return self._dictionaries.frames(segments, wanted, missing)
