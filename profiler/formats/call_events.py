"""Stacks out of events that open and close calls, as tracers write them: time goes to the innermost open call."""

from typing import Final

from profiler.core.builder import ROOT
from profiler.formats.checked_builder import CheckedBuilder

CLOSED_ABOVE: Final = "end of a call in which others had not ended: they end with it"
NOT_OPEN: Final = "end of a call that had not begun"
BACKWARDS: Final = "event earlier than the one before it: taken as of its time"
NOT_CLOSED: Final = "call that had not ended at the end of the file: it ends there"


class CallEvents:
    """The open calls of one thread, and the time of the last event. Times are whole, of any unit.

    Calls deeper than the limit are counted and their time goes to the deepest call that is kept.
    """

    def __init__(self, builder: CheckedBuilder, thread: int | None, depth: int) -> None:
        self._builder, self._thread, self._depth = builder, thread, depth
        self._open: list[tuple[int, int]] = []  # (frame, node)
        self._too_deep: list[int] = []
        self._at: int | None = None

    def begin(self, frame: int, at: int, place: str) -> None:
        self._spend(at, place)
        if len(self._open) >= self._depth:
            self._builder.skip(f"call deeper than {self._depth:,} frames", place)
            self._too_deep.append(frame)
            return
        parent = self._open[-1][1] if self._open else ROOT
        self._open.append((frame, self._builder.child(parent, frame)))

    def end(self, frame: int | None, at: int, place: str) -> None:
        """End the innermost call of `frame`, or the innermost one of all."""
        self._spend(at, place)
        if self._too_deep:
            self._too_deep.pop()
            return
        if frame is None or (self._open and self._open[-1][0] == frame):
            if not self._open:
                self._builder.skip(NOT_OPEN, place)
                return
            self._open.pop()
            return
        index = next((i for i in range(len(self._open) - 1, -1, -1) if self._open[i][0] == frame), None)
        if index is None:
            self._builder.skip(NOT_OPEN, place)
            return
        self._builder.skip(CLOSED_ABOVE, place)
        del self._open[index:]

    def finish(self, at: int | None, place: str) -> None:
        """The end of the file, at a time if it says so."""
        if at is not None and self._at is not None and at > self._at:
            self._spend(at, place)
        for _ in self._open:
            self._builder.skip(NOT_CLOSED, place)
        self._open.clear()

    def _spend(self, at: int, place: str) -> None:
        if self._at is not None:
            if at < self._at:
                self._builder.skip(BACKWARDS, place)
                return
            if self._open and at > self._at:
                self._builder.add(self._open[-1][1], at - self._at, self._thread)
        self._at = at
