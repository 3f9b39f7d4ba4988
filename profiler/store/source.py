"""Where compacted profiles are: sums by stack and small rows. All else is made of these once, in `questions.py`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from profiler.core.frame import Frame
from profiler.core.identity import Hashes
from profiler.core.stack_trie import StackTrie
from profiler.store.catalog import Segment, Snapshot
from profiler.store.header_sums import HeaderSums
from profiler.store.listing import ProfileRow
from profiler.store.losses import Told
from profiler.store.question import Chosen, Question
from profiler.store.reading import Missing
from profiler.store.sums import Buckets, Sums
from profiler.store.timed import TimedSamples


class Source(Protocol):
    """Of a snapshot's segments. What can't be read is put into `missing`.

    `portion`: how many subjects' sums are best asked for at once; more take memory, fewer take time.
    """

    portion: int

    def stacks(
        self,
        snapshot: Snapshot,
        question: Question,
        chosen: Chosen,
        group_of: Mapping[int, int],
        buckets: Buckets,
        missing: Missing,
    ) -> Iterator[Sums]:
        """By day, subject, group, bucket and stack, from the coarsest tiers that give them."""

    def headers(
        self, snapshot: Snapshot, question: Question, group_of: Mapping[int, int], buckets: Buckets, missing: Missing
    ) -> HeaderSums | None:
        """From the rows of whole profiles; None when there are none. Raises SumError."""

    def losses(self, snapshot: Snapshot, question: Question, chosen: Chosen, missing: Missing) -> list[Told]:
        """What is known of the losses of all profiles of a range."""

    def timed(self, snapshot: Snapshot, question: Question, chosen: Chosen, missing: Missing) -> TimedSamples:
        """Samples by their own times."""

    def largest(
        self, snapshot: Snapshot, question: Question, chosen: Chosen, limit: int, missing: Missing
    ) -> list[ProfileRow]:
        """Profiles with the largest totals."""

    def trie(self, segments: Sequence[Segment], day: int, subject: int, missing: Missing) -> StackTrie:
        """The stacks of a subject that the ids of a day's sums are of; the last one is LOST."""

    def frames(self, segments: Sequence[Segment], wanted: Hashes, missing: Missing) -> dict[int, Frame]:
        """Number → frame, of those that are known."""
