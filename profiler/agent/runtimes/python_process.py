"""Finds the interpreter in a process: where `_PyRuntime` is, its version, and how its threads are found."""

import re
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from profiler.agent.runtimes import python_layout
from profiler.agent.runtimes.base import Process
from profiler.agent.runtimes.dynsym import exported_ranges
from profiler.agent.runtimes.memory import ProcessMemory
from profiler.agent.runtimes.python_layout import LAYOUTS, THREAD_KEYS, Layout, Threads, from_debug_offsets
from profiler.agent.runtimes.split_function import Part, other_parts
from profiler.agent.unwind.mappings import FileKey, Mapping, bias_of, file_key, open_backing
from profiler.core.errors import WebprofError
from profiler.core.frame import Frame
from profiler.debuginfo.elf import ElfError, Segment, read_build_id, read_headers

# The function that is an interpreter's loop.
EVAL = "_PyEval_EvalFrameDefault"
_RUNTIME, _VERSION, _ANY_PYTHON = "_PyRuntime", "Py_Version", "PyEval_EvalFrameEx"
_VERSION_IN_NAME = re.compile(r"(?:lib)?python(\d\.\d+)")
MAX_FILES = 1024

# glibc, x86-64: struct pthread's first block of thread-specific data, 32 pairs of a sequence number and the value.
_FIRST_BLOCK: Final = 0x310
_KEYS: Final = 32
_PAIR: Final = 16
# A thread that has a thread state is among the first few, and so is its interpreter.
_MAX_THREADS = 64
_MAX_INTERPRETERS = 8


class PythonError(WebprofError):
    """Frames of this interpreter can't be read. The text says why, in words for the profile."""


class NotReadyError(WebprofError):
    """The interpreter has not started yet."""


@dataclass(frozen=True)
class Interpreter:
    """thread_state: bytes from a thread's thread pointer to the pointer to its Python thread state."""

    minor: int
    layout: Layout
    thread_state: int


@dataclass(frozen=True)
class _Binary:
    segments: tuple[Segment, ...]
    symbols: dict[str, int]


_NOTHING = _Binary((), {})


class InterpreterFinder:
    """Remembers which files hold an interpreter, and which code of theirs is its loop."""

    def __init__(self) -> None:
        self._files: OrderedDict[FileKey, _Binary] = OrderedDict()
        self._loops: OrderedDict[tuple[str, str], tuple[Part, ...]] = OrderedDict()
        self.files_with_parts = 0  # met so far

    def find(self, process: Process) -> Interpreter | None:
        """None for a process without Python. Raises PythonError, NotReadyError, or OSError when it is gone."""
        for mapping in process.mappings:
            if mapping.inode and ("libpython" in mapping.name or mapping.name == process.executable):
                binary = self._binary(process.pid, mapping)
                bias = bias_of(mapping, binary.segments)
                if bias is not None and _RUNTIME in binary.symbols:
                    return _read(process, {name: bias + value for name, value in binary.symbols.items()})
                if _ANY_PYTHON in binary.symbols:
                    raise PythonError(f"Python {_named_version(process) or 'of unknown version'} is not known")
        return None

    def with_loop(self, frame: Frame) -> Frame:
        """A frame without a name that is part of an interpreter's loop gets the loop's."""
        parts = self._loops.get((frame.module, frame.build_id), ()) if frame.offset else ()
        return frame._replace(name=EVAL, offset=0, line=0) if any(a <= frame.offset < b for a, b in parts) else frame

    def _binary(self, pid: int, mapping: Mapping) -> _Binary:
        key = file_key(pid, mapping)
        if key is None:
            return _NOTHING
        if key not in self._files:
            self._files[key] = self._read_binary(pid, mapping)
            for remembered in (self._files, self._loops):
                if len(remembered) > MAX_FILES:
                    remembered.popitem(last=False)
        self._files.move_to_end(key)
        return self._files[key]

    def _read_binary(self, pid: int, mapping: Mapping) -> _Binary:
        try:
            backing = open_backing(pid, mapping)
        except ElfError:
            return _NOTHING
        try:
            found = exported_ranges(backing.read_at, (_RUNTIME, _VERSION, _ANY_PYTHON, EVAL))
            if not found:
                return _NOTHING
            headers = read_headers(backing.read_at)
            if parts := other_parts(backing.read_at, headers, Part(*found.get(EVAL, (0, 0)))):
                module = PurePosixPath(mapping.name.removesuffix(" (deleted)")).name
                self._loops[module, read_build_id(backing.read_at, headers)] = parts
                self.files_with_parts += 1
            return _Binary(headers.segments, {name: start for name, (start, _) in found.items()})
        except ElfError:
            return _NOTHING
        finally:
            backing.close()


def _read(process: Process, symbols: dict[str, int]) -> Interpreter:
    runtime = symbols[_RUNTIME]
    if any("ld-musl" in mapping.name for mapping in process.mappings):
        raise PythonError("its C library is not glibc")
    with ProcessMemory(process.pid) as memory:
        head = memory.read(runtime, python_layout.DEBUG_OFFSETS_BYTES)
        if head.startswith(python_layout.COOKIE):
            minor, layout, threads = from_debug_offsets(head)
            key = _discovered_key(memory, runtime, threads)
        else:
            minor = _minor(process, memory, symbols)
            if minor not in LAYOUTS:
                raise PythonError(f"Python 3.{minor} is not known" if minor else "its version is not known")
            layout, key = LAYOUTS[minor], _noted_key(memory, runtime + THREAD_KEYS[minor])
    return Interpreter(minor, layout, _FIRST_BLOCK + _PAIR * key + 8)


def _minor(process: Process, memory: ProcessMemory, symbols: dict[str, int]) -> int:
    """From the interpreter itself (3.11 on), else from the names of what is mapped; 0 when nothing tells."""
    if _VERSION in symbols:
        return memory.word(symbols[_VERSION]) >> 16 & 0xFF
    major, _, minor = _named_version(process).partition(".")
    return int(minor) if major == "3" else 0


def _named_version(process: Process) -> str:
    """By the names of what is mapped; empty when none tells."""
    for name in (process.executable, *(mapping.name for mapping in process.mappings)):
        if match := _VERSION_IN_NAME.match(PurePosixPath(name).name):
            return match[1]
    return ""


def _noted_key(memory: ProcessMemory, address: int) -> int:
    """The pthread key that the runtime has noted down for its thread states."""
    word = memory.word(address)
    is_there, key = word & 0xFFFF_FFFF, word >> 32
    if is_there != 1:
        raise NotReadyError("the interpreter has not started yet")
    if key >= _KEYS:
        raise PythonError(f"its thread key {key} is not in the first block")
    return key


def _discovered_key(memory: ProcessMemory, runtime: int, threads: Threads) -> int:
    """The key whose value, in a thread of the interpreter's own list, is that thread's state."""
    interpreter = memory.word(runtime + threads.interpreters)
    for _ in range(_MAX_INTERPRETERS):
        if not interpreter:
            break
        state = memory.word(interpreter + threads.threads)
        for _ in range(_MAX_THREADS):
            if not state:
                break
            block = memory.read(memory.word(state + threads.thread_id) + _FIRST_BLOCK, _KEYS * _PAIR)
            for key in range(_KEYS):
                if int.from_bytes(block[key * _PAIR + 8 : key * _PAIR + 16], "little") == state:
                    return key
            state = memory.word(state + threads.next_thread)
        interpreter = memory.word(interpreter + threads.next_interpreter)
    raise NotReadyError("no thread of the interpreter has its state yet")
