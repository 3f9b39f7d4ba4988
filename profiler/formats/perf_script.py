"""The text that `perf script` prints, with or without call chains: one profile for each event.

The thread's command is in the thread table, not a frame. Values are periods where perf printed them (of `cpu-clock`
and `task-clock`: nanoseconds), otherwise samples. Times give the duration only; a boot clock says nothing of when.
"""

from itertools import islice, pairwise
from typing import Final

from profiler.core.profile import Profile
from profiler.formats.base import DEFAULT_LIMITS, NOT_TEXT, BinaryStream, Guess, Head, Limits, Skips, excerpt
from profiler.formats.lines import LineReader
from profiler.formats.perf_lines import parse_frame, parse_head
from profiler.formats.perf_loader import PerfLoader

FORMAT: Final = "perf-script"
TITLE: Final = "text of perf script"
SNIFF_LINES: Final = 400
EXPECTED: Final = "expected 'comm 12 [000] 1.5: cycles:' and frames like 'ffff8 name+0x1 (module)' below"


def sniff(head: Head, filename: str) -> Guess:
    """Sure when the head of a sample comes with a frame, in its line or the next."""
    if not head.text:
        return Guess(FORMAT, 0, NOT_TEXT)
    lines = list(islice((line for line in head.text.split("\n") if line.strip() and line[0] != "#"), SNIFF_LINES))
    heads = [parse_head(line) for line in lines]
    if any(found and parse_frame(found.rest) for found in heads):
        return Guess(FORMAT, 0.95, "found samples with a frame in one line")
    followed = any(found and parse_frame(below) for found, (_, below) in zip(heads, pairwise(lines), strict=False))
    if followed:
        return Guess(FORMAT, 0.95, "found the head of a sample with a frame below it")
    if heads and all(heads):
        return Guess(FORMAT, 0.5, "found heads of samples without frames")
    found = f"found {excerpt(lines[0])}" if lines else "found nothing but comments and empty lines"
    return Guess(FORMAT, 0, f"no sample in the first {len(lines)} lines: {EXPECTED}, {found}")


def load_profiles(stream: BinaryStream, name: str, limits: Limits = DEFAULT_LIMITS) -> list[Profile]:
    return load(stream, name, limits)


def load(
    stream: BinaryStream,
    name: str = "",
    limits: Limits = DEFAULT_LIMITS,
    *,
    event_filter: str = "",
    addrs: bool = False,
) -> list[Profile]:
    """One profile for each event of the file, in order of appearance; of `event_filter` only, when given.

    With `addrs`, frames without a symbol have their address in the name and stay apart.
    Raises FormatError when no sample is found, or a limit of the whole file is passed.
    """
    skips = Skips()
    loader = PerfLoader(name, limits, skips, event_filter=event_filter, addresses=addrs)
    for number, line in LineReader(stream, name, limits, skips):
        loader.line(number, line)
    return loader.profiles()
