"""A compiled program in the kernel: its maps, its functions, the events they run at. By bpf(2), without BCC."""

import contextlib
import ctypes
import os
import resource
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.attach_points import AttachPoint, ChosenPlace, ChosenTracepoint
from profiler.agent.kernel.bytecode import CompiledProgram
from profiler.agent.kernel.tracefs import TRACEFS, tracepoint_id
from profiler.core.errors import WebprofError

# The function that runs at the CPU clock.
CLOCK_FUNCTION = "sample"
PERF_TYPE_SOFTWARE = 1
PERF_COUNT_SW_CPU_CLOCK = 0
_PERF_TYPE_TRACEPOINT = 2
# enum bpf_prog_type
_KPROBE, _TRACEPOINT, _PERF_EVENT, RAW_TRACEPOINT = 2, 5, 7, 17
# enum bpf_map_type
_PROGRAM_ARRAY = 3
# How BCC's TRACEPOINT_PROBE names a function: this, the category, two underscores, the event.
_TRACEPOINT_PREFIX = "tracepoint__"
# How its RAW_TRACEPOINT_PROBE does: this and the event.
_RAW_PREFIX = "raw_tracepoint__"
# Functions of ours that run at tracepoints, or at places of programs, that are chosen when they are loaded.
CHOSEN_TRACEPOINT, CHOSEN_PLACE = "at_tracepoint", "at_place"
# Only allocated for a program that was refused; the last lines say why.
_LOG_BYTES = 4 << 20
_LOG_LINES = 8


class LoadError(WebprofError):
    """The kernel refused a map, a program or an event. The text has the verifier's last words."""


class LoadedProgram:
    """Maps from the constructor on, functions from `load` on. `close` leaves nothing of it in the kernel.

    Programs can call those of their own type only, so an array of programs is made once for each type. `entries` are
    those of maps that get another size than they were compiled with; of a ring they are its bytes. `shared`: maps of
    another program that this one uses in the place of its own, by name.
    """

    def __init__(
        self,
        compiled: CompiledProgram,
        entries: Mapping[str, int] | None = None,
        shared: Mapping[str, int] | None = None,
    ) -> None:
        self._compiled = compiled
        self._entries = dict(entries or {})
        self._maps: dict[str, int] = {}
        self._arrays: dict[tuple[int, str], int] = {}
        self._functions: dict[tuple[int, str], int] = {}
        self._tracepoints: list[int] = []
        self._samplers: list[int] = []
        _allow_locked_memory()
        try:
            for name, spec in compiled.maps.items():
                if shared and name in shared:
                    self._maps[name] = os.dup(shared[name])
                elif spec.type != _PROGRAM_ARRAY:
                    self._maps[name] = self._create_map(name)
        except LoadError:
            self.close()
            raise

    @property
    def functions(self) -> Collection[str]:
        return self._compiled.functions

    @property
    def map_names(self) -> Collection[str]:
        return self._maps.keys()

    def map_fd(self, name: str) -> int:
        return self._maps[name]

    def room(self, name: str) -> int:
        """How many entries a map has room for; 0 where there is none of this name."""
        spec = self._compiled.maps.get(name)
        return self._entries.get(name, spec.max_entries) if spec else 0

    def load(self, name: str, kind: int | None = None) -> int:
        """The function's descriptor, of the type that its name tells, or of another one. Raises LoadError."""
        kind = kind_of(name) if kind is None else kind
        if (kind, name) not in self._functions:
            if name not in self._compiled.functions:
                raise LoadError(f"the compiled program has no function {name}()")
            function = self._compiled.functions[name]
            code = function.linked({used: self._linked_map(kind, used) for used in function.references.values()})
            try:
                self._functions[kind, name] = bpf_syscall.program_load(kind, code, name, None)
            except OSError as error:
                raise LoadError(f"the kernel refused {name}() ({error.strerror}): {_why(kind, code, name)}") from error
        return self._functions[kind, name]

    def callers(self, array: str) -> set[int]:
        """Types of the programs that begin at an event and may go on in one of this array."""
        functions = self._compiled.functions
        return {kind_of(name) for name in functions if _is_entry(name) and array in functions[name].references.values()}

    def put_callee(self, array: str, slot: int, name: str, kind: int) -> None:
        """Let programs of a type go on in a function. Raises LoadError, or OSError."""
        callee = np.array([self.load(name, kind)], dtype=np.uint32)
        bpf_syscall.map_update(self._linked_map(kind, array), np.array([slot], dtype=np.uint32), callee)

    def attach_tracepoints(self, cpu: int) -> None:
        """Every function that is named after a tracepoint runs at it, on all CPUs; `cpu` is any that is online."""
        for name in self._compiled.functions:
            if name.startswith(_RAW_PREFIX):
                self._attach_raw(name)
            if name.startswith(_TRACEPOINT_PREFIX):
                category, event = name.removeprefix(_TRACEPOINT_PREFIX).split("__", 1)
                number = _tracepoint_id(category, event)
                self._attach(self._tracepoints, self.load(name), _PERF_TYPE_TRACEPOINT, number, 1, cpu)

    def attach_points(self, points: Iterable[AttachPoint], cpu: int) -> None:
        """Let functions run where somebody chose. Raises LoadError."""
        for point in points:
            program = self.load(point.function)
            if isinstance(point, ChosenTracepoint):
                self._attach(self._tracepoints, program, _PERF_TYPE_TRACEPOINT, point.number, 1, cpu)
            else:
                self._attach_place(point, program)

    def _attach_place(self, place: ChosenPlace, program: int) -> None:
        try:
            self._tracepoints.append(bpf_syscall.uprobe_open(*place.event, place.path, place.offset, place.pid))
            bpf_syscall.perf_event_run(self._tracepoints[-1], program)
        except OSError as error:
            raise LoadError(f"the kernel refused a probe at {place.told}: {error.strerror}") from error

    def attach_cpu_clock(self, name: str, cpu: int, *, frequency: int = 0, period_ns: int = 0) -> None:
        """Run a function `frequency` times per second, or once per `period_ns` of CPU time. Raises LoadError."""
        self._attach(
            self._samplers, self.load(name), PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK,
            frequency or period_ns, cpu, frequency=bool(frequency),
        )  # fmt: skip

    def _attach_raw(self, name: str) -> None:
        event = name.removeprefix(_RAW_PREFIX)
        try:
            self._tracepoints.append(bpf_syscall.raw_tracepoint_open(event, self.load(name)))
        except OSError as error:
            raise LoadError(f"the kernel refused tracepoint {event}: {error.strerror}") from error

    def set_clock_period(self, period_ns: int) -> None:
        """Raises OSError. The kernel keeps a frequency as a period, so this holds for both ways to attach."""
        for event in self._samplers:
            bpf_syscall.perf_event_set_period(event, period_ns)

    def detach_cpu_clock(self) -> None:
        _close_all(self._samplers)

    def detach_tracepoints(self) -> None:
        """None of its functions begins at a tracepoint any more. The maps stay readable."""
        _close_all(self._tracepoints)

    def run_time_ns(self) -> int:
        """Time the kernel measured in all functions, those at tracepoints included. Tail calls count for the caller."""
        return sum(_told(program, "run_time_ns") for program in self._functions.values())

    def missed(self) -> int:
        """Events at which a program did not run, because its CPU was in the middle of it."""
        return sum(_told(program, "recursion_misses") for program in self._functions.values())

    def close(self) -> None:
        _close_all(self._samplers)
        _close_all(self._tracepoints)
        self._empty_arrays()
        held: dict[Any, int]
        for held in (self._functions, self._arrays, self._maps):
            while held:
                os.close(held.popitem()[1])

    def _empty_arrays(self) -> None:
        """A program and the array it calls itself through hold each other: the kernel would free them later."""
        for (_, name), array in self._arrays.items():
            for slot in range(self._compiled.maps[name].max_entries):
                with contextlib.suppress(OSError):
                    bpf_syscall.map_delete(array, np.array([slot], dtype=np.uint32))

    def _linked_map(self, kind: int, name: str) -> int:
        if self._compiled.maps[name].type != _PROGRAM_ARRAY:
            return self._maps[name]
        if (kind, name) not in self._arrays:
            self._arrays[kind, name] = self._create_map(name)
        return self._arrays[kind, name]

    def _create_map(self, name: str) -> int:
        spec = self._compiled.maps[name]
        try:
            entries = self._entries.get(name, spec.max_entries)
            return bpf_syscall.map_create(spec.type, spec.key_size, spec.value_size, entries, spec.flags, name)
        except OSError as error:
            raise LoadError(f"the kernel refused the map {name} ({spec}): {error.strerror}") from error

    def _attach(
        self, events: list[int], program: int, event_type: int, config: int, period: int, cpu: int,
        *, frequency: bool = False,
    ) -> None:  # fmt: skip
        try:
            events.append(bpf_syscall.perf_event_open(event_type, config, period, cpu, frequency=frequency))
            bpf_syscall.perf_event_run(events[-1], program)
        except OSError as error:
            raise LoadError(f"the kernel refused event {event_type}:{config} on CPU {cpu}: {error.strerror}") from error


def kind_of(name: str) -> int:
    """The type of program that a function's name stands for."""
    if name.startswith(_RAW_PREFIX):
        return RAW_TRACEPOINT
    if name.startswith(CHOSEN_PLACE):
        return _KPROBE
    return _TRACEPOINT if name.startswith((_TRACEPOINT_PREFIX, CHOSEN_TRACEPOINT)) else _PERF_EVENT


def _is_entry(name: str) -> bool:
    return name == CLOCK_FUNCTION or kind_of(name) != _PERF_EVENT


def _told(program_fd: int, wanted: str) -> int:
    """A number that the kernel tells of a program; 0 where it doesn't."""
    for line in Path(f"/proc/self/fdinfo/{program_fd}").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == wanted:
            return int(value)
    return 0


def _why(kind: int, code: bytes, name: str) -> str:
    """The last lines of the verifier's log: the program is given to it once more."""
    log = ctypes.create_string_buffer(_LOG_BYTES)
    with contextlib.suppress(OSError):
        os.close(bpf_syscall.program_load(kind, code, name, log))
    lines = log.value.decode(errors="replace").strip().splitlines()
    return "; ".join(lines[-_LOG_LINES:]) or "the verifier said nothing"


def _tracepoint_id(category: str, event: str) -> int:
    number = tracepoint_id(f"{category}:{event}")
    if number is None:
        raise LoadError(f"tracepoint {category}:{event} is in none of {', '.join(map(str, TRACEFS))}: mount tracefs")
    return number


def _allow_locked_memory() -> None:
    """Before 5.11 maps count as locked memory, whose usual limit is smaller than ours."""
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    with contextlib.suppress(OSError, ValueError):  # not root: the kernel's answer to the map tells
        resource.setrlimit(resource.RLIMIT_MEMLOCK, unlimited)


def _close_all(descriptors: list[int]) -> None:
    while descriptors:
        os.close(descriptors.pop())
