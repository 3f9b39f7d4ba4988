"""A profile of `perf script` text as folded stacks, the way stackcollapse-perf.pl writes it.

Its users compare results with old ones, so the names are tidied as they know them: argument lists and quotes go, `;`
becomes `:`, Java's `Lpackage/Class` loses its L in processes called `java`. The profile itself keeps whole names.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile
from profiler.formats.labelled import labelled_stacks
from profiler.formats.names import safe
from profiler.formats.perf_event import NO_STACK

# `net/http.(*Client).Do` is a Go method: what is in parentheses belongs to the name.
_GO_METHOD: Final = re.compile(r"\.\(.*\)\.")
# An argument list, but not C++'s `(anonymous namespace)`.
_ARGUMENTS: Final = re.compile(r"\((?!anonymous namespace\)).*")
_QUOTES: Final = str.maketrans("", "", "\"'")
_JAVA: Final = "java"


def collapse(
    profile: Profile,
    write: Callable[[str], object],
    *,
    pid: bool = False,
    tid: bool = False,
    kernel: bool = False,
    jit: bool = False,
    inline: bool = False,
) -> None:
    """Write folded lines, sorted. The options are those of stackcollapse-perf.pl.

    `pid` and `tid` add ids to the command, `kernel`, `jit` and `inline` annotate frames `_[k]`, `_[j]`, `_[i]`.
    (Its --all is `kernel` and `jit`; --addrs and --event-filter are options of `perf_script.load`.)
    """
    tables: dict[bool, list[str]] = {}

    def labels(head: str) -> list[str]:
        java = head == _JAVA
        if java not in tables:
            tables[java] = [_label(frame, java=java, kernel=kernel, jit=jit, inline=inline) for frame in profile.frames]
        return tables[java]

    for stack, value in labelled_stacks(profile, partial(_head, pid=pid, tid=tid), labels):
        write(f"{stack} {value}\n")


def _head(thread: Thread, *, pid: bool, tid: bool) -> str:
    comm = thread.comm
    if pid or tid:
        comm += f"-{thread.pid or '?'}"
    if tid:
        comm += f"/{thread.tid}"
    return safe(comm).replace(" ", "_")


def _label(frame: Frame, *, java: bool, kernel: bool, jit: bool, inline: bool) -> str:
    name = _tidy(frame)
    if java and "/" in name:
        name = name.removeprefix("L")
    return name + _annotation(frame, kernel=kernel, jit=jit, inline=inline) if name else ""


def _tidy(frame: Frame) -> str:
    if frame.kind is FrameKind.PLACEHOLDER and frame.module:
        return " "  # a frame printed without a symbol: an empty name has always been one space
    name = safe(frame.name)
    if name.startswith("(") or name == NO_STACK.name:
        return ""
    if not _GO_METHOD.search(name):
        name = _ARGUMENTS.sub("", name)
    return name.translate(_QUOTES)


def _annotation(frame: Frame, *, kernel: bool, jit: bool, inline: bool) -> str:
    if frame.kind is FrameKind.INLINED:
        # A JIT's own inlining has a module; what perf found in debug information has none.
        return "_[i]" if inline or frame.module else ""
    # By module, not by kind: [vdso] has always been counted to the kernel here, a .ko file has not.
    if kernel and frame.module.startswith("["):
        return "_[k]"
    return "_[j]" if jit and frame.kind is FrameKind.JIT else ""
