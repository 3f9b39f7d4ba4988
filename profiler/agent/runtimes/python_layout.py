"""Where CPython keeps what we read of it, by version.

To 3.12 from the interpreter's headers, x86-64; the same in all releases of a minor version. From 3.13 on the
interpreter says so itself, at the start of `_PyRuntime` (`_Py_DebugOffsets` in its headers).
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from profiler.core.errors import WebprofError

# Twins of python_function.h.
NO_HOLDER: Final = 0xFFFF
NO_STACK: Final = 0xFFFF
MAX_OFFSET: Final = 255 - 8

COOKIE: Final = b"xdebugpy"
DEBUG_OFFSETS_BYTES: Final = 1024
FIRST_WITH_DEBUG_OFFSETS: Final = 13


class Grouping(IntEnum):
    """`enum python_grouping`: how frames tell which of them share a run of the interpreter's loop."""

    EVERY_FRAME = 0
    ENTRY_FLAG = 1
    OWNER = 2


@dataclass(frozen=True)
class Text:
    """A str: offsets of its length, its state and its characters."""

    length: int = 16
    state: int = 32
    ascii: int = 48
    wide: int = 72


@dataclass(frozen=True)
class Layout:
    """Offsets in bytes: `holder` and `frame` lead from the thread state to the innermost frame.

    `stack_top`: in the thread state, the end of its stack of frames; NO_STACK where frames are objects of their own.
    A frame on it takes as many words as the ints at `size` and, unless 0, `size_more` of its code and `size_words` add
    up to.
    """

    frame: int
    code: int
    previous: int
    entry: int
    frame_bytes: int
    file: int
    name: int
    line: int
    grouping: Grouping
    holder: int = NO_HOLDER
    text: Text = Text()
    stack_top: int = NO_STACK
    owner: int = 0
    size: int = 0
    size_more: int = 0
    size_words: int = 0

    @property
    def code_bytes(self) -> int:
        return max(self.file, self.name, self.line, self.size, self.size_more) + 8


@dataclass(frozen=True)
class Threads:
    """Offsets that lead from `_PyRuntime` to its threads: first interpreter, next, first thread, next, pthread id."""

    interpreters: int
    next_interpreter: int
    threads: int
    next_thread: int
    thread_id: int


class LayoutError(WebprofError):
    """The debug offsets make no sense."""


def _old(code: int) -> Layout:
    return Layout(
        frame=24, code=code, previous=24, entry=0, frame_bytes=40, file=104, name=112, line=40,
        grouping=Grouping.EVERY_FRAME,
    )  # fmt: skip


LAYOUTS: Final = {
    8: _old(32),
    9: _old(32),
    10: _old(32),
    11: Layout(
        holder=56, frame=8, code=32, previous=48, entry=68, frame_bytes=72, file=112, name=128, line=72,
        grouping=Grouping.ENTRY_FLAG, stack_top=304, owner=69, size=68, size_more=76, size_words=9,
    ),
    12: Layout(
        holder=56, frame=0, code=0, previous=8, entry=70, frame_bytes=72, file=112, name=128, line=68,
        grouping=Grouping.OWNER, text=Text(ascii=40, wide=56), stack_top=240, owner=70, size=76,
    ),
}  # fmt: skip
# Of autoTSSkey in _PyRuntime: an int that says whether it is there, then the pthread key.
THREAD_KEYS: Final = {8: 1392, 9: 584, 10: 584, 11: 592, 12: 1544}

# Members of _Py_DebugOffsets, 64 bit each, as far as we need them. 3.14 has added some in between.
_HEAD = ("cookie", "version", "free_threaded", "runtime.size", "runtime.finalizing", "runtime.interpreters_head")
_INTERPRETER = ("size", "id", "next", "threads_head", "gc", "imports_modules", "sysdict", "builtins", "ceval_gil",
                "gil_runtime_state", "gil_runtime_state_enabled", "gil_runtime_state_locked",
                "gil_runtime_state_holder")  # fmt: skip
_THREAD = ("size", "prev", "next", "interp", "current_frame", "thread_id", "native_thread_id", "datastack_chunk",
           "status")  # fmt: skip
_FRAME = ("size", "previous", "executable", "instr_ptr", "localsplus", "owner")
_CODE = ("size", "filename", "name", "qualname", "linetable", "firstlineno", "argcount", "localsplusnames",
         "localspluskinds", "co_code_adaptive")  # fmt: skip
# pyobject, type, tuple, list, (set,) dict, float, long, bytes: sizes in members; then comes the str.
_BEFORE_TEXT = {
    13: 2 + 4 + 3 + 3 + 3 + 2 + 3 + 3,
    14: 2 + 4 + 3 + 3 + 4 + 3 + 2 + 3 + 3,
}
_TEXT = ("size", "state", "length", "asciiobject_size")


def _members(minor: int) -> list[str]:
    interpreter, frame, code = list(_INTERPRETER), list(_FRAME), list(_CODE)
    if minor >= 14:
        interpreter.insert(4, "threads_main")
        interpreter += ["code_object_generation", "tlbc_generation"]
        frame += ["stackpointer", "tlbc_index"]
        code += ["co_tlbc"]
    groups = {"interpreter": interpreter, "thread": _THREAD, "frame": frame, "code": code}
    named = [f"{group}.{name}" for group, names in groups.items() for name in names]
    return [*_HEAD, *named, *[""] * _BEFORE_TEXT[minor], *(f"text.{name}" for name in _TEXT)]


def from_debug_offsets(data: bytes) -> tuple[int, Layout, Threads]:
    """The minor version and what it says of itself. Raises LayoutError; for versions whose table we don't know, too."""
    minor = int.from_bytes(data[8:16], "little") >> 16 & 0xFF
    if not data.startswith(COOKIE) or minor not in _BEFORE_TEXT:
        raise LayoutError(f"Python 3.{minor} is not known yet")
    names = _members(minor)
    if len(data) < 8 * len(names):
        raise LayoutError("its debug offsets are cut short")
    at = dict(zip(names, struct.unpack_from(f"<{len(names)}Q", data), strict=True))
    if at["free_threaded"]:
        raise LayoutError(f"Python 3.{minor} without the GIL is not read yet")
    layout = Layout(
        frame=at["thread.current_frame"], code=at["frame.executable"], previous=at["frame.previous"],
        entry=at["frame.owner"], frame_bytes=at["frame.owner"] + 2, file=at["code.filename"],
        name=at["code.qualname"], line=at["code.firstlineno"], grouping=Grouping.OWNER,
        text=Text(at["text.length"], at["text.state"], at["text.asciiobject_size"],
                  at["text.asciiobject_size"] + 16),
        # Neighbours of what the table names: PyThreadState.datastack_top, PyCodeObject.co_framesize.
        stack_top=at["thread.datastack_chunk"] + 8, owner=at["frame.owner"], size=at["code.firstlineno"] + 8,
    )  # fmt: skip
    if not all(0 <= value <= MAX_OFFSET for value in _small(layout)):
        raise LayoutError(f"the debug offsets of Python 3.{minor} make no sense")
    return minor, layout, Threads(
        at["runtime.interpreters_head"], at["interpreter.next"], at["interpreter.threads_head"], at["thread.next"],
        at["thread.thread_id"],
    )  # fmt: skip


def _small(layout: Layout) -> tuple[int, ...]:
    text = layout.text
    parts = (
        layout.frame,
        layout.code,
        layout.previous,
        layout.entry,
        layout.file,
        layout.name,
        layout.line,
        layout.size,
    )
    return (*parts, text.length, text.state, text.ascii, text.wide)
