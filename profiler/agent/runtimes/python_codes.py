"""What the BPF program sends of Python: functions, and stacks as words. Twin of python_function.h and walk_python.h."""

import struct
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

from profiler.core.frame import Frame, FrameKind

RING_BYTES = 128 * 4096
# The program remembers 16,384 functions as sent. Here are more, so that none is forgotten earlier than there.
MAX_FUNCTIONS = 4 * 16_384

RUN_END, LINKED = 1, 2
UNKNOWN = Frame("[Python function without a name]", FrameKind.PLACEHOLDER)

_TEXT_BYTES = 256
_CODE = struct.Struct(f"<QIIII{_TEXT_BYTES}sII{_TEXT_BYTES}s")
_KIND, _ASCII = 7, 16
# By bytes per character. Lone surrogates can stand in a str.
_ENCODINGS = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}
# Code that CPython itself pushes to run an __init__; its own tracebacks leave it out.
_SHIM = "__init__"


class Runs(NamedTuple):
    """`linked`: runs of the interpreter's loop, outermost first, each root first. `unlinked`: what would be one more,
    its function being entered or left, if the native stack has a loop for it.
    """

    linked: list[list[Frame]]
    unlinked: tuple[Frame, ...] = ()


class PythonFunctions:
    """Functions by id. Not thread-safe."""

    def __init__(self) -> None:
        self._frames: OrderedDict[int, tuple[Frame, ...]] = OrderedDict()

    def add(self, records: Iterable[bytes]) -> None:
        for record in records:
            number, line, _, name_bytes, name_state, name, file_bytes, file_state, file = _CODE.unpack_from(record)
            self._frames[number] = _frames(
                _text(name, name_bytes, name_state), _text(file, file_bytes, file_state), line
            )
            if len(self._frames) > MAX_FUNCTIONS:
                self._frames.popitem(last=False)

    def runs(self, words: Iterable[int], *, whole: bool) -> Runs:
        """Words are innermost first, the unlinked one last.

        A run whose end is missing counts unless all frames are there: then only an interpreter without code is left.
        """
        runs: list[list[Frame]] = []
        run: list[Frame] = []
        unlinked: tuple[Frame, ...] = ()
        for word in words:
            if not word & (RUN_END | LINKED):
                unlinked = self._function(word | LINKED)
            elif word & ~RUN_END:
                run += self._function(word & ~RUN_END)
            if word & RUN_END:
                runs.append(run[::-1])
                run = []
        if run or not whole:
            runs.append(run[::-1])
        # A thread may end with a frame of the interpreter that belongs to no run of the loop.
        while runs and not runs[-1]:
            runs.pop()
        return Runs(runs[::-1], unlinked)

    def _function(self, number: int) -> tuple[Frame, ...]:
        frames = self._frames.get(number)
        if frames is None:
            return (UNKNOWN,)
        self._frames.move_to_end(number)
        return frames


def _frames(name: str, file: str, line: int) -> tuple[Frame, ...]:
    """One; none for what is no function of the program."""
    if name == file == _SHIM:
        return ()
    return (Frame(name, FrameKind.PYTHON, PurePosixPath(file).name, "", 0, file, line),)


def _text(data: bytes, size: int, state: int) -> str:
    """A str from its characters; of a long one the end is there."""
    encoding = _ENCODINGS.get(state & _KIND, "latin-1")
    text = data[: min(size, _TEXT_BYTES)].decode(encoding, errors="replace")
    return f"…{text}" if size > _TEXT_BYTES else text
