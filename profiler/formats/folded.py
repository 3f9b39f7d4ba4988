"""Folded stacks: `root;caller;leaf value`, one stack a line. The format of flamegraph.pl and of most profilers.

What flamegraph.pl's users expect, and what we decided where there was a choice:

- `_[k]`, `_[j]` and `_[i]` at the end of a name become the frame's kind; `dump` writes them again when asked.
- Values with a fraction make the whole profile count in millionths (unit `microsamples`); what is smaller still is
  rounded and counted. Rounding to whole samples would lose small values without a trace.
- A differential file (two values on every line) is read as flamegraph.pl draws it: by its last value. How many first
  values were left out is in `quality.skipped`.
- An empty name is a frame that nobody could name: `[unknown]`.
"""

from collections.abc import Callable, Sequence
from typing import Final

from profiler.core.frame import Thread
from profiler.core.grouping import DEFAULT_GROUP, GroupBy, thread_labels
from profiler.core.profile import Profile
from profiler.formats.base import DEFAULT_LIMITS, NOT_TEXT, BinaryStream, Guess, Head, Limits, Skips, excerpt
from profiler.formats.folded_line import EXPECTED, MICRO, MICROSAMPLES, split_line
from profiler.formats.folded_loader import FoldedLoader
from profiler.formats.labelled import labelled_stacks
from profiler.formats.lines import LineReader
from profiler.formats.names import ANNOTATIONS, UNKNOWN, safe

FORMAT: Final = "folded"
TITLE: Final = "folded stacks (flamegraph.pl)"
SNIFF_LINES: Final = 200


def sniff(head: Head, filename: str) -> Guess:
    """Sure when most lines are stacks with a value; less so when none has a `;`."""
    if not head.text:
        return Guess(FORMAT, 0, NOT_TEXT)
    if head.text.lstrip()[:1] == "{" or head.text.lstrip().startswith(("<?xml", "<!", "<svg")):
        return Guess(FORMAT, 0, "looks like JSON, HTML or XML, not like stacks")
    parsed = [(line, split_line(line)) for line in head.text.split("\n")[:SNIFF_LINES]]
    good = [line for line, result in parsed if isinstance(result, tuple)]
    bad = [line for line, result in parsed if isinstance(result, str) and result]
    if not good or len(good) < len(bad):
        found = f"found {excerpt(bad[0])}" if bad else "found nothing but comments and empty lines"
        return Guess(
            FORMAT, 0, f"{len(good)} of the first {len(good) + len(bad)} lines are stacks: {EXPECTED}, {found}"
        )
    certainty = 0.8 if any(";" in line for line in good) else 0.3
    reason = f"{len(good)} of the first {len(good) + len(bad)} lines are stacks with a value"
    return Guess(FORMAT, certainty * len(good) / (len(good) + len(bad)), reason)


def load_profiles(stream: BinaryStream, name: str, limits: Limits = DEFAULT_LIMITS) -> list[Profile]:
    return [load(stream, name, limits)]


def load(stream: BinaryStream, name: str = "", limits: Limits = DEFAULT_LIMITS) -> Profile:
    """The profile of a folded file: kind `cpu`, unit `samples` (the format says neither), threads unknown.

    Bad lines are skipped and counted in `quality.skipped`. Raises FormatError when no line is a stack, or a limit of
    the whole file is passed.
    """
    skips = Skips()
    loader = FoldedLoader(name, limits, skips)
    for number, line in LineReader(stream, name, limits, skips):
        loader.line(number, line)
    return loader.profile()


def dump(
    profile: Profile,
    write: Callable[[str], object],
    *,
    group: Sequence[GroupBy] = DEFAULT_GROUP,
    annotations: bool = False,
) -> None:
    """Write a profile as folded lines, sorted by name from the root.

    `group` puts what is known of the thread first; `annotations` marks kernel, JIT and inlined frames.
    """
    suffix = {kind: text for text, kind in ANNOTATIONS.items()} if annotations else {}
    labels = [_with_suffix(safe(frame.name or UNKNOWN), suffix.get(frame.kind, "")) for frame in profile.frames]

    def head(thread: Thread) -> str:
        return ";".join(safe(name) for name in thread_labels(profile, thread, group))

    scaled = profile.meta.unit == MICROSAMPLES
    for stack, value in labelled_stacks(profile, head, lambda _: labels):
        write(f"{stack} {_fraction(value) if scaled else value}\n")


def _with_suffix(name: str, suffix: str) -> str:
    return name if name.endswith(suffix) else name + suffix


def _fraction(micros: int) -> str:
    whole, rest = divmod(micros, MICRO)
    return f"{whole}.{rest:06}".rstrip("0").rstrip(".")
