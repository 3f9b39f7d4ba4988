"""One frame of a stack."""

from enum import IntEnum
from typing import NamedTuple


class FrameKind(IntEnum):
    """Where a frame comes from. The numbers are part of the batch and wire formats: never renumber."""

    PROCESS = 0
    NATIVE = 1
    KERNEL = 2
    PYTHON = 3
    JAVA = 4
    JAVASCRIPT = 5
    JIT = 6
    INLINED = 7
    PLACEHOLDER = 8
    ROOT = 9


class Frame(NamedTuple):
    """A function in a module. Two frames are the same function exactly when they are equal.

    `module` is a file name (`libc.so.6`, `[kernel]`), `build_id` hexadecimal, `file` and `line` the source when known
    (line 0: unknown). `offset` is set only where no symbol was found: as recorded the address within the module, as
    shown the one where its function begins (core/unnamed.py), which is what such a function is called by.
    """

    name: str
    kind: FrameKind = FrameKind.NATIVE
    module: str = ""
    build_id: str = ""
    offset: int = 0
    file: str = ""
    line: int = 0


def unnamed(module: str, start: int) -> str:
    """What a function without a symbol is called: its module, and where it begins in there."""
    return f"{module}+{start:#x}"


def has_no_symbol(frame: Frame) -> bool:
    """Whether all that is known is an address."""
    return frame.offset != 0 and frame.name.startswith(f"{frame.module}+0x")


class Thread(NamedTuple):
    """Whose stack it was. In an imported profile any field may be unknown: 0 or empty."""

    pid: int = 0
    tid: int = 0
    comm: str = ""
    cgroup: str = ""
