"""What the BPF program sends of Python: functions, and stacks as words. Twin of python_function.h and walk_python.h."""

import struct
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from profiler.agent.sampling.frame_table import FrameTable
from profiler.core.frame import Frame, FrameKind

RING_BYTES = 128 * 4096
# The program remembers 16,384 functions as sent. Here are more, so that none is forgotten earlier than there.
MAX_FUNCTIONS = 4 * 16_384

RUN_END, LINKED = 1, 2
# The number of what is no function of the program.
NO_FUNCTION = -1
UNKNOWN = Frame("[Python function without a name]", FrameKind.PLACEHOLDER)

_TEXT_BYTES = 256
_CODE = struct.Struct(f"<QIIII{_TEXT_BYTES}sII{_TEXT_BYTES}s")
_KIND, _ASCII = 7, 16
# By bytes per character. Lone surrogates can stand in a str.
_ENCODINGS = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}
# Code that CPython itself pushes to run an __init__; its own tracebacks leave it out.
_SHIM = "__init__"


class Runs(NamedTuple):
    """Numbers of frames. `linked`: runs of the interpreter's loop, outermost first, each root first. `unlinked`: what
    would be one more, its function being entered or left, if the native stack has a loop for it. `named`: all are.
    """

    linked: list[list[int]]
    unlinked: tuple[int, ...] = ()
    named: bool = True


class PythonFunctions:
    """Functions by id. Not thread-safe."""

    def __init__(self, table: FrameTable) -> None:
        self._table = table
        self._frames: dict[int, Frame | None] = {}
        # By word, also those with RUN_END: what was used since the last time that room had to be made.
        self._numbers: dict[int, int] = table.cache({})

    def add(self, records: Iterable[bytes]) -> None:
        for record in records:
            number, line, _, name_bytes, name_state, name, file_bytes, file_state, file = _CODE.unpack_from(record)
            self._frames[number] = _frame(
                _text(name, name_bytes, name_state), _text(file, file_bytes, file_state), line
            )
            if len(self._frames) > MAX_FUNCTIONS:
                self._make_room()

    def runs(self, words: Sequence[int], *, whole: bool) -> Runs:
        """Words are innermost first, the unlinked one last.

        A run whose end is missing counts unless all frames are there: then only an interpreter without code is left.
        """
        unlinked: tuple[int, ...] = ()
        if words and not words[-1] & (RUN_END | LINKED):
            number = self._number(words[-1] | LINKED)
            unlinked = () if number == NO_FUNCTION else (number,)
            words = words[:-1]
        known = list(map(self._numbers.get, words))
        numbers = [self._number(word) for word in words] if None in known else known
        named = None not in known or None not in map(self._numbers.get, words)
        return Runs(_split(words, numbers, whole=whole), unlinked, named)

    def _number(self, word: int) -> int:
        if word == RUN_END:
            number = NO_FUNCTION
        elif (function := word & ~RUN_END) in self._frames:
            frame = self._frames[function]
            number = NO_FUNCTION if frame is None else self._table.number(frame)
        else:
            return self._table.number(UNKNOWN)
        self._numbers[word] = number
        return number

    def _make_room(self) -> None:
        """A quarter goes: first what was not used lately, those that came first before others."""
        used = {word & ~RUN_END for word in self._numbers}
        by_use = sorted(self._frames, key=used.__contains__)
        for function in by_use[: MAX_FUNCTIONS // 4]:
            del self._frames[function]
        self._numbers.clear()


def _split(words: Sequence[int], numbers: Sequence[int | None], *, whole: bool) -> list[list[int]]:
    runs: list[list[int]] = []
    start = 0
    for end in [place for place, word in enumerate(words) if word & RUN_END]:
        runs.append(_functions(numbers[start : end + 1]))
        start = end + 1
    rest = _functions(numbers[start:])
    if rest or not whole:
        runs.append(rest)
    # A thread may end with a frame of the interpreter that belongs to no run of the loop.
    while runs and not runs[-1]:
        runs.pop()
    return runs[::-1]


def _functions(innermost_first: Sequence[int | None]) -> list[int]:
    return [number for number in reversed(innermost_first) if number is not None and number != NO_FUNCTION]


def _frame(name: str, file: str, line: int) -> Frame | None:
    """None for what is no function of the program."""
    if name == file == _SHIM:
        return None
    return Frame(name, FrameKind.PYTHON, PurePosixPath(file).name, "", 0, file, line)


def _text(data: bytes, size: int, state: int) -> str:
    """A str from its characters; of a long one the end is there."""
    encoding = _ENCODINGS.get(state & _KIND, "latin-1")
    text = data[: min(size, _TEXT_BYTES)].decode(encoding, errors="replace")
    return f"…{text}" if size > _TEXT_BYTES else text
