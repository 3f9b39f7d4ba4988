"""What every importer promises and obeys: the interface, the limits, the record of what was skipped."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from profiler.core.batch import MAX_FRAMES, MAX_NAME, MAX_THREADS
from profiler.core.errors import FormatError
from profiler.core.profile import Profile

# How much of a bad line an error shows: enough to find it, not enough to flood a page.
EXCERPT_CHARS: Final = 80


@dataclass(frozen=True)
class Limits:
    """Bounds of one import. Going over a whole-file bound is a FormatError; a line or stack over its own is skipped.

    input_bytes: read from the stream, and again after decompression. The largest file we promise to read (a million
        stacks of depth 35, folded) has 2.05 GB.
    document_bytes: of a file that has to be in memory whole (JSON, protobuf), unpacked. Reading takes three to five
        times as much, and a worker has 3 GiB.
    line_bytes: a stack of `depth` frames with names of 128 bytes, twice over.
    depth: frames of one stack. The wire's depth column is u16; a browser draws 16,384 rows in 270,000 pixels.
    name_chars, frames, threads: what a batch can hold, so that what was imported can be stored.
    nodes: twice the distinct stacks of that largest file; about 250 bytes each while reading.
    events: profiles from one file. A person who records more events wants one of them.
    """

    input_bytes: int = 2**31
    document_bytes: int = 2**29
    line_bytes: int = 4 * 2**20
    depth: int = 16_384
    name_chars: int = MAX_NAME
    frames: int = MAX_FRAMES
    threads: int = MAX_THREADS
    nodes: int = 8_000_000
    events: int = 64


DEFAULT_LIMITS: Final = Limits()


class BinaryStream(Protocol):
    """All that is asked of an input: a file, an upload, a pipe."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Guess:
    """How sure an importer is that a file is its own: 0 (it is not) to 1, and why."""

    format: str
    confidence: float
    reason: str


class Head(NamedTuple):
    """The first part of a file, unpacked: its bytes, and as text without a cut last line (empty when it is none)."""

    data: bytes
    text: str


class Importer(Protocol):
    """A module of this package that reads one format.

    `sniff` gets the first part of a file. `load_profiles` returns at least one
    profile, each checked, or raises FormatError; it never raises anything else for what is in the stream.
    """

    FORMAT: str
    TITLE: str

    def sniff(self, head: Head, filename: str) -> Guess: ...

    def load_profiles(self, stream: BinaryStream, name: str, limits: Limits) -> list[Profile]: ...


@dataclass
class Skips:
    """Parts of a file that were not read, counted by reason (a fixed text, never data), and the first of them."""

    counts: Counter[str] = field(default_factory=Counter)
    first: str = ""

    def add(self, reason: str, number: int, line: str = "") -> None:
        self.counts[reason] += 1
        if not self.first:
            self.first = f"line {number}: {reason}" + (f": {excerpt(line)}" if line else "")


NOT_TEXT: Final = "it has NUL bytes, so it is not text"
NOT_JSON: Final = "not JSON"
NOT_PROTOBUF: Final = "no protobuf message of its kind"
# What most formats say of most files.
OTHER_NATURE: Final = frozenset({NOT_TEXT, NOT_JSON, NOT_PROTOBUF})


def excerpt(line: str) -> str:
    return repr(line if len(line) <= EXCERPT_CHARS else line[: EXCERPT_CHARS - 1] + "…")


def refuse(name: str, what: str) -> FormatError:
    """The error of a whole file; `what` says what was found and what to do."""
    return FormatError(f"{name or 'input'}: {what}")
