"""The BPF program's walks compiled for user space, over memory that a test writes and whose reads it lets fail."""

import ctypes
import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np

import profiler
from profiler.agent.runtimes.python import as_record
from profiler.agent.runtimes.python_process import Interpreter
from profiler.agent.sampling.events import PythonOutcome, WalkOutcome
from profiler.agent.unwind.process_tables import MAPPING

BPF = Path(profiler.__file__).parent / "bpf"
HERE = Path(__file__).parent
# BPF on x86-64 reads words at any address.
FLAGS = (
    "-O1",
    "-fsanitize=undefined",
    "-fno-sanitize=alignment",
    "-fno-sanitize-recover",
    "-nostdinc",
    "-shared",
    "-fPIC",
)
FRAME_SLOTS = 512
USER_CODE_64, KERNEL_CODE = 0x33, 0x10
PID = 42

_u32, _u64 = ctypes.c_uint32, ctypes.c_uint64


class Walked(NamedTuple):
    """Innermost first. `fault_hit`: the read that was to fail took place."""

    frames: list[int]
    outcome: int
    reads: int
    fault_hit: bool


def build(directory: Path, *options: str) -> Path:
    library = directory / "walks.so"
    includes = [f"-I{path}" for path in (BPF / "include", BPF, HERE)]
    subprocess.run(["gcc", *FLAGS, *options, *includes, "-o", library, HERE / "walks.c"], check=True)
    return library


class Machine:
    """One process of pid PID. A new one starts with empty memory: each loads a copy of the library."""

    def __init__(self, library: Path, copy: Path) -> None:
        copy.write_bytes(library.read_bytes())
        self._walks = ctypes.CDLL(str(copy))
        self._kept: list[bytes] = []
        self._rows = self._mappings = 0

    def memory(self, start: int, data: bytes) -> None:
        self._kept.append(data)
        self._walks.put_memory(_u64(start), data, _u64(len(data)))

    def words(self, start: int, *values: int) -> None:
        self.memory(start, b"".join((value % 2**64).to_bytes(8, "little") for value in values))

    def mapping(self, start: int, end: int, rows: dict[int, int] | None, *, first_row: int | None = None) -> None:
        """`rows`: rules (pack_rule) by address; None for code without a table."""
        first = self.put_rows(start, rows or {})[0] if first_row is None else first_row
        arguments = (_u64(start), _u64(end), _u64(start), _u32(first), _u32(len(rows or {})))
        self._walks.put_mapping(_u32(self._mappings), *arguments)
        self._mappings += 1
        self._walks.put_process(_u32(PID), _u32(self._mappings))

    def task(self, address: int) -> None:
        """Where the running thread's task_struct is."""
        self._walks.put_task(_u64(address))

    @property
    def requests(self) -> int:
        """How often the agent was asked for tables."""
        return int(self._walks.requests())

    def put_rows(self, start: int, rows: dict[int, int]) -> tuple[int, int]:
        """Rules by address, for a file at `start`; their run."""
        first = self._rows
        for address, rule in sorted(rows.items()):
            self._walks.put_row(_u32(self._rows), _u64(rule | address - start))
            self._rows += 1
        return first, len(rows)

    def file(self, key: bytes, file: bytes) -> None:
        """struct unwind_file_key and struct unwind_file."""
        self._walks.put_file(key, file)

    def vdso(self, file: bytes) -> None:
        self._walks.put_vdso(file)

    def mapped(self, address: int) -> tuple[int, tuple[int, ...]]:
        """enum vma_answer; start, end, bias, first row and rows of the mapping."""
        mapping = ctypes.create_string_buffer(MAPPING.itemsize)
        answer = self._walks.mapped(_u64(address), mapping)
        return answer, tuple(int(field) for field in np.frombuffer(mapping.raw, dtype=MAPPING)[0])

    def python(self, interpreter: Interpreter, fsbase: int) -> None:
        self._walks.put_python(_u32(PID), as_record(interpreter, fsbase).tobytes())

    def walk(self, ip: int, sp: int, bp: int = 0, cs: int = USER_CODE_64, *, fail: int = 0) -> Walked:
        """`fail`: the how manieth read fails, 0 for none."""
        frames, outcome = (_u64 * FRAME_SLOTS)(), ctypes.c_uint16()
        self._walks.fail_read(_u32(fail))
        registers = (_u64(ip), _u64(sp), _u64(bp), _u64(cs))
        depth = self._walks.walk_native(_u32(PID), *registers, frames, ctypes.byref(outcome))
        return self._walked(list(frames[:depth]), WalkOutcome(outcome.value), fail)

    def functions(self, task: int, *, fail: int = 0) -> Walked:
        words, outcome = (_u64 * FRAME_SLOTS)(), ctypes.c_uint16()
        self._walks.fail_read(_u32(fail))
        count = self._walks.walk_functions(_u32(PID), _u64(task), words, ctypes.byref(outcome))
        return self._walked(list(words[:count]), PythonOutcome(outcome.value), fail)

    def _walked(self, frames: list[int], outcome: int, fail: int) -> Walked:
        reads = self._walks.reads()
        return Walked(frames, outcome, reads, 0 < fail <= reads)
