"""What every backend of the profile store does; `tests/store/test_conformance.py` states it as claims."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from profiler.store.answers import FunctionSeries, HeatMap, Merged, TimeSeries
from profiler.store.catalog import NewProfile
from profiler.store.functions import Order
from profiler.store.listing import Listed
from profiler.store.question import Question
from profiler.store.stored import StoredProfile


class ProfileStore(Protocol):
    """Safe to use from several threads and processes, and after a fork. Raises StoreError for what can't be."""

    def append(self, profiles: Sequence[NewProfile], now_ms: int) -> int:
        """Keep these, all or none: when this returns they are kept, and in every answer. Known keys count once.

        Returns how many were not known. Raises TooOldError, FutureError, TotalError and CardinalityError.
        """

    def merge(self, question: Question, group_by: str | None = None) -> Merged:
        """Sums by stack over all profiles of a question, apart by a label's values when one is given."""

    def series(self, question: Question, step_ms: int, group_by: str | None = None) -> TimeSeries:
        """Totals and numbers of profiles by a label's values in steps of time."""

    def by_series(self, question: Question) -> list[tuple[Mapping[str, str], int, int]]:
        """Labels of each series with profiles in the range, how many they are, and the sum of their values."""

    def functions(self, question: Question, step_ms: int, top: int = 20, by: Order = "total") -> FunctionSeries:
        """Own value and total of the largest functions in steps of time; `by` says which makes them large."""

    def merge_timed(self, question: Question, group_by: str | None = None) -> Merged:
        """Sums of the samples that were taken in the range, by their own times; those without a time are counted."""

    def heatmap(self, question: Question, rows: int, column_ms: int) -> HeatMap:
        """When the samples of a selection were taken."""

    def profiles(self, question: Question, limit: int) -> tuple[list[Listed], list[str]]:
        """The largest profiles of a selection, and what could not be read."""

    def profile(self, key: int) -> StoredProfile | None:
        """One profile as it was kept; None when there is none. Raises StoreError when its samples are gone."""

    def delete(self, key: int) -> bool:
        """Take a profile out of every answer; False when there is none. It does not come back when it is sent again."""

    def delete_all(self, keys: Sequence[int]) -> int:
        """The same of several; returns how many there were. Done again, it changes nothing. Raises OvertakenError."""

    def compact(self, limit: int = ...) -> int:
        """Move up to `limit` profiles that were appended to where they stay; returns how many: 0 when none waits.

        Answers are the same before, during and after. Raises OvertakenError when another one was faster.
        """

    def merge_levels(self) -> bool:
        """One step of making few large pieces of many small ones; False when there is none to make."""

    def expire(self, now: datetime) -> int:
        """Let go of what is past its time (`retention.KEPT_DAYS`); returns how many pieces. Raises OvertakenError."""
