"""Keys of maps that are stacks → a profile.

`@[kstack, ustack, comm]` has keys such as `\\n    b+4\\n    a+9\\n,\\n    main+20\\n,web`: frames are lines that begin
with white space, innermost first. Keys are joined with commas, which names of C++ have too: only
lines can be told apart.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from profiler.core.builder import ROOT, ProfileBuilder
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile, ProfileMeta

_FRAME = re.compile(r"\n(?: {4}|\t)")
_OFFSET = re.compile(r"\+(?:0x)?[0-9a-f]+$")
_PERF = re.compile(r"^[0-9a-f]{1,16} (.*?)(?: \((.*)\))?$")
_ADDRESS = re.compile(r"^0x[0-9a-f]+$")
UNKNOWN = "[unknown]"


def holds_stack(key: str) -> bool:
    return _FRAME.search(key) is not None


def kinds_of(program: str, name: str) -> list[FrameKind]:
    """Of the stacks in the keys of a map, in their order, as the program's text says; empty when it does not."""
    found = re.search(re.escape(name) + r"\s*\[([^\]]*)\]", program)
    words = re.findall(r"\b(k|u)stack\b", found[1]) if found else []
    return [FrameKind.KERNEL if word == "k" else FrameKind.NATIVE for word in words]


def profile_of(rows: Iterable[tuple[str, object]], meta: ProfileMeta, kinds: Sequence[FrameKind] = ()) -> Profile:
    """Root first: user frames, then kernel frames. What else is in a key is the thread's name."""
    builder = ProfileBuilder(meta)
    for key, value in rows:
        if not isinstance(value, int) or value <= 0:
            continue
        blocks, rest = split_key(key)
        node = ROOT
        for kind, frames in _outermost_first(blocks, kinds):
            for frame in reversed(frames):
                node = builder.child(node, builder.frame(_frame(frame, kind)))
        if node == ROOT:
            node = builder.child(ROOT, builder.frame(Frame("[no stack]", FrameKind.PLACEHOLDER)))
        builder.add(node, value, builder.thread(Thread(comm=rest)))
    return builder.build()


def split_key(key: str) -> tuple[list[list[str]], str]:
    """The stacks in a key, each innermost first, and the other keys with commas between."""
    blocks: list[list[str]] = []
    others: list[str] = []
    inside = False
    for line in key.split("\n"):
        if line.startswith(("    ", "\t")):
            if not inside:
                blocks.append([])
            blocks[-1].append(line.strip())
        elif word := line.strip().strip(","):
            others.append(word)
        inside = line.startswith(("    ", "\t"))
    return blocks, ",".join(others)


def _outermost_first(blocks: list[list[str]], kinds: Sequence[FrameKind]) -> Iterator[tuple[FrameKind, list[str]]]:
    known = list(kinds) if len(kinds) == len(blocks) else [FrameKind.NATIVE] * len(blocks)
    return iter(sorted(zip(known, blocks, strict=True), key=lambda block: block[0] is FrameKind.KERNEL))


def _frame(text: str, kind: FrameKind) -> Frame:
    """`name+4`, or as perf writes it `7f45eeac084f name+4 (module)`."""
    perf = _PERF.match(text) if not _ADDRESS.match(text) else None
    name, module = (perf[1], perf[2] or "") if perf else (text, "")
    module = "[kernel]" if kind is FrameKind.KERNEL else module.rpartition("/")[2].replace(UNKNOWN, "")
    return Frame(_OFFSET.sub("", name) or UNKNOWN, kind, module)
