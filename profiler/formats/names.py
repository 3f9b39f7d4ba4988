"""Names of frames as text formats write them, and the frames they stand for."""

import re
from typing import Final

from profiler.core.frame import Frame, FrameKind

UNKNOWN: Final = "[unknown]"
# Frames nobody could read, as perf and BCC write them, and their delimiter between user and kernel stacks.
PLACEHOLDERS: Final = frozenset({UNKNOWN, "[Missed Kernel Stack]", "[Missed User Stack]", "-", "--"})
ANNOTATIONS: Final = {"_[k]": FrameKind.KERNEL, "_[j]": FrameKind.JIT, "_[i]": FrameKind.INLINED}
_SUFFIX_CHARS: Final = 4
_UNSAFE: Final = re.compile(r"[\n\r\0]")


def frame_of(text: str) -> Frame:
    """The frame of a folded name: its annotation becomes the kind, an empty name is unknown.

    >>> frame_of("vfs_read_[k]").kind.name
    'KERNEL'
    """
    kind = ANNOTATIONS.get(text[-_SUFFIX_CHARS:])
    if kind is not None and len(text) > _SUFFIX_CHARS:
        return Frame(text[:-_SUFFIX_CHARS], kind)
    name = text or UNKNOWN
    return Frame(name, FrameKind.PLACEHOLDER if name in PLACEHOLDERS else FrameKind.NATIVE)


def safe(name: str) -> str:
    """A name that can stand in a folded line, which has no escapes: `;` as `:`, line ends and NUL as spaces."""
    return _UNSAFE.sub(" ", name.replace(";", ":"))
