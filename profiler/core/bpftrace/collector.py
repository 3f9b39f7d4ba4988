"""Everything that a program writes, as it comes → its results so far."""

from profiler.core.bpftrace.feed import Feed
from profiler.core.bpftrace.lines import LineSplitter
from profiler.core.bpftrace.maps import Maps
from profiler.core.bpftrace.output import Attached, Lost, MapPrinted, Printed, UnreadableError, read_line
from profiler.core.bpftrace.problems import MAX_STDERR_BYTES, read_stderr
from profiler.core.bpftrace.results import Results

_PRINTF = b'{"type": "printf"'


class Collector:
    """`feed` with stdout, `feed_errors` with stderr, in pieces of any size. Times are ms since the program began."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._splitter = LineSplitter()
        self._feed = Feed()
        self._maps = Maps()
        self._errors = bytearray()
        self._at_ms = 0
        self.attached = False
        self._probes = 0

    def feed(self, chunk: bytes, at_ms: int) -> None:
        self._at_ms = at_ms
        for line in self._splitter.feed(chunk):
            self._take(line)

    def feed_errors(self, chunk: bytes) -> None:
        self._errors += chunk[: max(0, MAX_STDERR_BYTES - len(self._errors))]

    def end(self) -> None:
        """No more will come."""
        for line in self._splitter.last():
            self._take(line)

    def results(self) -> Results:
        self._feed.counts.too_long = self._splitter.too_long
        return Results(
            maps=self._maps.told(),
            maps_left_out=self._maps.left_out,
            printed=self._feed.told(self._at_ms),
            problems=read_stderr(bytes(self._errors), self._program),
            probes=self._probes,
        )

    def _take(self, line: bytes) -> None:
        if not line:
            return
        if line.startswith(_PRINTF) and not self._feed.has_room(self._at_ms):
            self._feed.skip()
            return
        try:
            said = read_line(line)
        except UnreadableError:
            self._feed.counts.unreadable += 1
            return
        for each in said:
            self._follow(each)

    def _follow(self, said: Attached | Printed | MapPrinted | Lost) -> None:
        match said:
            case Attached():
                self.attached, self._probes = True, said.probes
            case Lost():
                self._feed.counts.lost += said.events
            case MapPrinted():
                self._maps.add(said, self._at_ms)
            case Printed() if self._feed.has_room(self._at_ms):
                self._feed.add(said, self._at_ms)
            case Printed():
                self._feed.skip()
