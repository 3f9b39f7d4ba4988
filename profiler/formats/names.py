"""Names of frames as text formats write them, and the frames they stand for."""

import re
from typing import Final

from profiler.core.frame import Frame, FrameKind

UNKNOWN: Final = "[unknown]"
# Frames nobody could read, as perf and BCC write them, and their delimiter between user and kernel stacks.
PLACEHOLDERS: Final = frozenset({UNKNOWN, "[Missed Kernel Stack]", "[Missed User Stack]", "-", "--"})
ANNOTATIONS: Final = {"_[k]": FrameKind.KERNEL, "_[j]": FrameKind.JIT, "_[i]": FrameKind.INLINED}
_SUFFIX_CHARS: Final = 4
# Line ends, NUL, and the byte order mark, which readers drop at the start of a file.
_UNSAFE: Final = re.compile(r"[\n\r\0\ufeff]")


def frame_of(text: str) -> Frame:
    """The frame of a folded name: its annotation becomes the kind, an empty name is unknown.

    >>> frame_of("vfs_read_[k]").kind.name
    'KERNEL'
    """
    if _UNSAFE.search(text):
        text = _UNSAFE.sub(" ", text).strip()
    suffix = text[-_SUFFIX_CHARS:]
    kind, name = ANNOTATIONS.get(suffix), text
    while kind is not None and name.endswith(suffix):  # some tools annotate what is annotated
        name = name[:-_SUFFIX_CHARS]
    if kind is not None and name:
        return Frame(name, kind)
    name = text or UNKNOWN
    return Frame(name, FrameKind.PLACEHOLDER if name in PLACEHOLDERS else FrameKind.NATIVE)


def safe(name: str) -> str:
    """A name that can stand in a folded line, which has no escapes: `;` as `:`, line ends and the like as spaces."""
    return _UNSAFE.sub(" ", name.replace(";", ":"))
