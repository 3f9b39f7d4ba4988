"""From the lines of a `perf script` text to profiles: which line belongs to which sample, and which to none."""

from enum import Enum, auto
from typing import Final

from profiler.core.profile import Profile
from profiler.formats.base import Limits, Skips, refuse
from profiler.formats.perf_event import MODULE_CHARS, PerfEvent
from profiler.formats.perf_lines import Head, parse_comment, parse_frame, parse_head, parse_source

# Header comments worth keeping, and the label they become. The host is the profile's host.
HOST_COMMENT: Final = "hostname"
LABELS: Final = {"cmdline": "cmdline", "os release": "os", "arch": "arch", "captured on": "captured_on"}
# Ends of whole stacks remembered, to tell whether the last one is whole.
MAX_ENDS: Final = 100_000

NO_HEAD: Final = "sample without a head (expected 'comm 12 [000] 1.5: cycles:')"
NO_FRAME: Final = "line in a sample that is no frame (expected 'ffff8 name+0x1 (module)')"
CUT: Final = "last sample, cut off by the end of the file"


class _State(Enum):
    BETWEEN = auto()
    IN_SAMPLE = auto()
    IGNORING = auto()  # to the end of a sample that is not wanted, or that has no head


class PerfLoader:
    """State of one load. A blank line ends a sample; a sample with its frame in the head's line has none."""

    def __init__(self, name: str, limits: Limits, skips: Skips, *, event_filter: str, addresses: bool) -> None:
        self._name, self._limits, self._skips = name, limits, skips
        self._event_filter, self._addresses = event_filter, addresses
        self._events: dict[str, PerfEvent] = {}
        self._labels: dict[str, str] = {}
        self._host = ""
        self._first_ns, self._last_ns = -1, -1
        self._state = _State.BETWEEN
        self._head: Head | None = None
        self._event: PerfEvent | None = None
        self._frames: list[int] = []
        self._frame_line = ""
        self._ends: set[str] = set()
        self._number = 0
        self._filtered = 0

    def line(self, number: int, line: str) -> None:
        """Read one line. Raises FormatError when the file goes over a limit."""
        self._number = number
        if self._state is _State.IN_SAMPLE and self._event is not None:
            known = self._event.remembered.get(line)
            if known is not None:
                self._add_frames(known, line)
                return
        if not line or line.isspace():
            self._end_sample()
        elif line.startswith("#"):
            self._comment(line)
        elif self._state is _State.IN_SAMPLE and self._event is not None:
            self._new_line_in_sample(self._event, line)
        elif self._state is _State.BETWEEN or not line[0].isspace():
            self._start_sample(line)

    def profiles(self) -> list[Profile]:
        """What was read, one profile for each event. Raises FormatError when nothing was."""
        if self._state is _State.IN_SAMPLE:
            self._end_cut_sample()
        events = [event for event in self._events.values() if event.samples]
        if not events:
            raise refuse(self._name, self._why_empty())
        duration = self._last_ns - self._first_ns
        return [event.profile(duration, self._host, self._labels, dict(self._skips.counts)) for event in events]

    def _why_empty(self) -> str:
        if self._filtered:
            return f"no sample of event {self._event_filter!r}; {self._filtered:,} samples of others"
        if not self._number:
            return "the file is empty"
        why = self._skips.first or f"{self._number} lines, none but comments and empty ones"
        return f"no sample of perf script in it: {why}"

    def _comment(self, line: str) -> None:
        parsed = parse_comment(line)
        if parsed is None:
            return
        key, value = parsed
        if key == HOST_COMMENT:
            self._host = value[:MODULE_CHARS]
        elif key in LABELS:
            self._labels[LABELS[key]] = value[: self._limits.name_chars]

    def _start_sample(self, line: str) -> None:
        head = parse_head(line)
        if head is None:
            if self._state is _State.BETWEEN:
                self._skips.add(NO_HEAD, self._number, line)
            self._state = _State.IGNORING
            return
        self._head, self._event = head, self._event_of(head)
        self._frames, self._frame_line = [], ""
        self._state = _State.IGNORING if self._event is None else _State.IN_SAMPLE
        if self._event is not None and head.rest:
            frames = parse_frame(head.rest, addresses=self._addresses)
            if frames is not None:
                self._frames += self._event.remember(head.rest, frames)
                self._end_sample()

    def _event_of(self, head: Head) -> PerfEvent | None:
        if self._event_filter and head.event != self._event_filter:
            self._filtered += 1
            return None
        event = self._events.get(head.event)
        if event is None:
            if len(self._events) >= self._limits.events:
                self._skips.add(f"sample of an event after the first {self._limits.events}", self._number, head.event)
                return None
            event = self._events[head.event] = PerfEvent(head.event, self._name, self._limits, self._skips)
        return event

    def _new_line_in_sample(self, event: PerfEvent, line: str) -> None:
        frames = parse_frame(line, addresses=self._addresses)
        # The comm `dd` is hexadecimal too: without a module, a head is likelier than a frame.
        if (frames is None or not line.endswith(")")) and parse_head(line) is not None:
            self._end_sample()
            self._start_sample(line)
        elif frames is not None:
            self._add_frames(event.remember(line, frames), line)
        elif source := parse_source(line):
            self._locate(event, source, line)
        else:
            self._skips.add(NO_FRAME, self._number, line)

    def _add_frames(self, numbers: tuple[int, ...], line: str) -> None:
        self._frames += numbers
        self._frame_line = line
        if len(self._frames) > self._limits.depth:
            self._skips.add(f"stack deeper than {self._limits.depth:,} frames", self._number)
            self._state = _State.IGNORING

    def _locate(self, event: PerfEvent, source: tuple[str, int], line: str) -> None:
        """Give the innermost function of the frame above its source."""
        frames = parse_frame(self._frame_line, addresses=self._addresses)
        if frames is None:  # no frame above: perf prints none for a frame that it could not resolve
            return
        located = [frames[0]._replace(file=source[0], line=source[1]), *frames[1:]]
        del self._frames[-len(frames) :]
        self._frames += event.remember(f"{self._frame_line}\n{line}", located)

    def _end_sample(self) -> None:
        if self._state is _State.IN_SAMPLE and self._head is not None and self._event is not None:
            self._event.add(self._head, self._frames)
            self._time(self._head.time_ns)
            if len(self._ends) < MAX_ENDS:
                self._ends.add(self._frame_line)
        self._state = _State.BETWEEN

    def _end_cut_sample(self) -> None:
        """perf ends each sample with a blank line. Without one, a stack is whole if it ends where another did."""
        if self._frame_line in self._ends or not self._ends:
            self._end_sample()
        else:
            self._skips.add(CUT, self._number, self._frame_line)

    def _time(self, time_ns: int) -> None:
        if time_ns >= 0:
            self._first_ns = time_ns if self._first_ns < 0 else min(self._first_ns, time_ns)
            self._last_ns = max(self._last_ns, time_ns)
