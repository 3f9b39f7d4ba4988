"""Sums by stack from the server: the merge SQL of `store/sums.py`, all pieces of a range in one question."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from profiler.core.frame import Frame
from profiler.core.identity import Hashes
from profiler.core.profile import Int64s
from profiler.core.stack_trie import StackTrie
from profiler.store.catalog import Segment, Snapshot
from profiler.store.clickhouse.connection import Connection
from profiler.store.clickhouse.dictionary import Dictionary, SubjectStacks, epochs
from profiler.store.clickhouse.times import ServerTimes, grouped
from profiler.store.header_sums import HeaderSums
from profiler.store.kinds import HEADERS, LOSSES, Tier
from profiler.store.listing import ProfileRow, profile_rows
from profiler.store.losses import Told
from profiler.store.question import Chosen, Question
from profiler.store.reading import Missing
from profiler.store.sums import Buckets, Part, Sums, planned


class ServerSums:
    """The answers to one question. Dense stack ids are those of the tries that it holds on to."""

    # Grouping takes the server's memory, not ours, and every question some 50 ms.
    portion = 100

    def __init__(self, connection: Connection, dictionary: Dictionary) -> None:
        self._connection, self._dictionary = connection, dictionary
        self._database = connection.address.database
        self._stacks: dict[int, SubjectStacks] = {}

    def stacks(
        self,
        snapshot: Snapshot,
        question: Question,
        chosen: Chosen,
        group_of: Mapping[int, int],
        buckets: Buckets,
        missing: Missing,
    ) -> Iterator[Sums]:
        """By subject, group, bucket and stack; all days together."""
        parts = list(planned(snapshot, question, chosen, group_of, buckets, missing))
        if not parts:
            return
        parameters: dict[str, Any] = {"first": buckets.begin_ms, "step": buckets.step_ms}
        pieces = " UNION ALL ".join(self._pieces(parts, parameters, missing))
        found = self._connection.query(
            f"SELECT subject, grp, bucket, stack, sum(value) AS value FROM ({pieces}) "  # noqa: S608 our own names
            f"GROUP BY subject, grp, bucket, stack ORDER BY subject",
            parameters,
        )
        if not len(found["stack"]):
            return
        subject = found["subject"].astype(np.int64)
        group, bucket, value = (found[name].astype(np.int64) for name in ("grp", "bucket", "value"))
        stack = self.dense(subject, found["stack"].astype(np.uint64), epochs(part.day for part in parts))
        yield Sums(parts[0].day, subject, group, bucket, stack, value)

    def _pieces(self, parts: Sequence[Part], parameters: dict[str, Any], missing: Missing) -> Iterator[str]:
        """SQL for the rows of each tier, ungrouped."""
        by_tier: dict[Tier, list[Part]] = defaultdict(list)
        for part in parts:
            by_tier[part.tier].append(part)
        for tier, same in by_tier.items():
            key = "series" if tier.by_series else "subject"
            missing.tiers.add(tier.kind)
            group = grouped(key, same[0].groups, parameters)
            times = " OR ".join(f"(ts >= {begin} AND ts < {end})" for begin, end in _joined(same))
            yield (
                f"SELECT subject, {group} AS grp, intDiv(ts - {{first:Int64}}, {{step:Int64}}) AS bucket, stack, value "  # noqa: S608
                f"FROM {self._database}.{tier.kind} WHERE {key} IN {{{key}_in:Array(Int32)}} AND ({times})"
            )

    def dense(self, subject: Int64s, stack: Hashes, within: tuple[int, ...]) -> Int64s:
        """Ids of stacks, in the tries that `trie` gives. Rows are in order of their subjects."""
        dense = np.zeros(len(stack), dtype=np.int64)
        present, start = np.unique(subject, return_index=True)
        for number, rows in zip(present.tolist(), np.split(np.arange(len(stack)), start[1:]), strict=True):
            known = self._dictionary.stacks(number, within, stack[rows])
            self._stacks[number] = known
            dense[rows] = known.ids(stack[rows])
        return dense

    def headers(
        self, snapshot: Snapshot, question: Question, group_of: Mapping[int, int], buckets: Buckets, missing: Missing
    ) -> HeaderSums | None:
        """From the rows of whole profiles; None when there are none."""
        if not group_of or not any(segment.kind == HEADERS for segment in snapshot.segments):
            return None
        parameters: dict[str, Any] = {"first": buckets.begin_ms, "step": buckets.step_ms}
        group = grouped("series", group_of, parameters)
        found = self._connection.query(
            f"SELECT {group} AS grp, intDiv(ts - {{first:Int64}}, {{step:Int64}}) AS bucket, "  # noqa: S608
            f"sum(total) AS value, count() AS profiles, sum(duration_ms) AS lengths FROM {self._database}.{HEADERS} "
            f"WHERE series IN {{series_in:Array(Int32)}} AND ts >= {question.begin_ms} AND ts < {question.end_ms} "
            f"GROUP BY grp, bucket",
            parameters,
        )
        names = ("grp", "bucket", "value", "profiles", "lengths")
        return HeaderSums(*(found[name].astype(np.int64) for name in names))

    def losses(self, snapshot: Snapshot, question: Question, chosen: Chosen, missing: Missing) -> list[Told]:
        """What is known of the losses of all compacted profiles of a range, widened as the sums are."""
        if not any(segment.kind == LOSSES for segment in snapshot.segments):
            return []
        step = max(missing.rounded_ms, 1)
        begin, end = question.begin_ms // step * step, -(-question.end_ms // step) * step
        found = self._connection.query(
            f"SELECT what, reason, sum(amount) AS total FROM {self._database}.{LOSSES} "  # noqa: S608
            f"WHERE series IN {{series:Array(Int32)}} AND ts >= {begin} AND ts < {end} GROUP BY what, reason",
            {"series": list(chosen.series)},
        )
        return [Told(*row) for row in zip(*(found[name].tolist() for name in ("what", "reason", "total")), strict=True)]

    def timed(self, snapshot: Snapshot, question: Question, chosen: Chosen, missing: Missing) -> ServerTimes:
        return ServerTimes(self._connection, snapshot, question, chosen, self.dense)

    def largest(
        self, snapshot: Snapshot, question: Question, chosen: Chosen, limit: int, missing: Missing
    ) -> list[ProfileRow]:
        """Profiles with the largest totals."""
        if not any(segment.kind == HEADERS for segment in snapshot.segments):
            return []
        found = self._connection.query(
            f"SELECT key, series, ts, duration_ms, total FROM {self._database}.{HEADERS} "  # noqa: S608
            f"WHERE series IN {{series:Array(Int32)}} AND ts >= {question.begin_ms} AND ts < {question.end_ms} "
            f"ORDER BY total DESC, key LIMIT {limit}",
            {"series": list(chosen.series)},
        )
        return profile_rows(found)

    def trie(self, segments: Sequence[Segment], day: int, subject: int, missing: Missing) -> StackTrie:
        """That the ids of `stacks` are of."""
        return self._stacks[subject].trie

    def frames(self, segments: Sequence[Segment], wanted: Hashes, missing: Missing) -> dict[int, Frame]:
        return self._dictionary.frames(wanted)


def _joined(parts: Sequence[Part]) -> Iterator[tuple[int, int]]:
    """Ranges of time, those that touch made one."""
    begin, end = parts[0].piece.begin, parts[0].piece.end
    for part in parts[1:]:
        if part.piece.begin != end:
            yield begin, end
            begin = part.piece.begin
        end = part.piece.end
    yield begin, end
