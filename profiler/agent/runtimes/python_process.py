"""Finds the interpreter in a process: where `_PyRuntime` is, its version, and how its threads are found."""

import re
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from profiler.agent.runtimes import python_layout
from profiler.agent.runtimes.base import Process
from profiler.agent.runtimes.dynsym import exported
from profiler.agent.runtimes.memory import ProcessMemory
from profiler.agent.runtimes.python_layout import LAYOUTS, THREAD_KEYS, Layout, Threads, from_debug_offsets
from profiler.agent.unwind.elf import read_image
from profiler.agent.unwind.mappings import FileKey, Mapping, bias_of, file_key, open_backing
from profiler.core.errors import WebprofError
from profiler.debuginfo.elf import ElfError, Segment

_RUNTIME, _VERSION = "_PyRuntime", "Py_Version"
_MINOR = re.compile(r"python3\.(\d+)|cpython-3(\d+)")
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


class InterpreterFinder:
    """Remembers which files hold an interpreter."""

    def __init__(self) -> None:
        self._files: OrderedDict[FileKey, _Binary] = OrderedDict()

    def find(self, process: Process) -> Interpreter | None:
        """None for a process without Python. Raises PythonError, NotReadyError, or OSError when it is gone."""
        for mapping in process.mappings:
            if mapping.inode and ("libpython" in mapping.name or mapping.name == process.executable):
                binary = self._binary(process.pid, mapping)
                bias = bias_of(mapping, binary.segments)
                if bias is not None and _RUNTIME in binary.symbols:
                    return _read(process, {name: bias + value for name, value in binary.symbols.items()})
        return None

    def _binary(self, pid: int, mapping: Mapping) -> _Binary:
        key = file_key(pid, mapping)
        if key is None:
            return _Binary((), {})
        if key not in self._files:
            self._files[key] = _read_binary(pid, mapping)
            if len(self._files) > MAX_FILES:
                self._files.popitem(last=False)
        self._files.move_to_end(key)
        return self._files[key]


def _read_binary(pid: int, mapping: Mapping) -> _Binary:
    try:
        backing = open_backing(pid, mapping)
    except ElfError:
        return _Binary((), {})
    try:
        symbols = exported(backing.read_at, (_RUNTIME, _VERSION))
        return _Binary(read_image(backing.read_at).segments if symbols else (), symbols)
    except ElfError:
        return _Binary((), {})
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
    for name in (process.executable, *(mapping.name for mapping in process.mappings)):
        if match := _MINOR.search(PurePosixPath(name).name):
            return int(match[1] or match[2])
    return 0


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
