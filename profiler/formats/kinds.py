"""What kind of code a frame is, by the source and module that a file of another tool names."""

import posixpath
from typing import Final

from profiler.core.frame import FrameKind

_BY_SUFFIX: Final = {
    ".py": FrameKind.PYTHON,
    ".pyx": FrameKind.PYTHON,
    ".java": FrameKind.JAVA,
    ".kt": FrameKind.JAVA,
    ".scala": FrameKind.JAVA,
    ".js": FrameKind.JAVASCRIPT,
    ".mjs": FrameKind.JAVASCRIPT,
    ".cjs": FrameKind.JAVASCRIPT,
    ".ts": FrameKind.JAVASCRIPT,
    ".tsx": FrameKind.JAVASCRIPT,
    ".jsx": FrameKind.JAVASCRIPT,
}
_KERNEL: Final = ("[kernel", "[guest.kernel", "vmlinux")


def kind_of(module: str, file: str) -> FrameKind:
    """Native unless the module is the kernel or the source is of a language with frames of its own.

    >>> kind_of("", "/app/views.py").name
    'PYTHON'
    """
    name = module.rsplit("/", 1)[-1]
    if name.startswith(_KERNEL) or name.endswith((".ko", ".ko.xz", ".ko.zst")):
        return FrameKind.KERNEL
    if file.startswith("node:"):
        return FrameKind.JAVASCRIPT
    return _BY_SUFFIX.get(posixpath.splitext(file)[1].lower(), FrameKind.NATIVE) if file else FrameKind.NATIVE
