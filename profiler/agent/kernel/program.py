"""Loads and attaches the sampling program, and takes it away again without a trace."""

import contextlib
import logging
import platform
import threading

import numpy as np

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.bytecode import CompiledProgram
from profiler.agent.kernel.bytecode_cache import BytecodeCache, default_cache_directory, program_key
from profiler.agent.kernel.compiler_process import compile_in_child
from profiler.agent.kernel.counts import online_cpus
from profiler.agent.kernel.loaded_program import LoadedProgram
from profiler.agent.kernel.program_source import WALK_BY_TABLES, ProgramOptions
from profiler.core.errors import WebprofError

logger = logging.getLogger(__name__)

# The stub headers hold x86-64's page size; other machines are refused until someone has run them there.
MACHINES = ("x86_64",)

_PROGRAM = "sample"
# What the program goes on with, in the order of `enum walk_program`.
_NATIVE_WALK = "walk_further"
_RUNTIME_WALKS = ("walk_python",)
# Recordings that start together and are alike compile once.
_compile_lock = threading.Lock()


class ProgramError(WebprofError):
    """The BPF program could not be compiled, loaded or attached."""


def compiled_program(options: ProgramOptions, cache: BytecodeCache) -> CompiledProgram:
    """From the cache, or compiled and put there. Raises WebprofError."""
    with _compile_lock:
        key = program_key(options)
        program = cache.get(key)
        if program is None:
            program = compile_in_child(options)
            cache.put(key, program)
    return program


class SamplingProgram:
    """One loaded copy of `cpu_sample.c` with its own maps. Raises ProgramError from the constructor and `attach`."""

    def __init__(self, options: ProgramOptions, cache: BytecodeCache | None = None) -> None:
        if platform.machine() not in MACHINES:
            raise ProgramError(f"this machine is {platform.machine()}; recording runs on {', '.join(MACHINES)} so far")
        self._walks: list[int] = []
        try:
            self._loaded = LoadedProgram(compiled_program(options, cache or BytecodeCache(default_cache_directory())))
        except WebprofError as error:
            raise ProgramError(f"no BPF program: {error}") from error
        try:
            self._load(with_walks=WALK_BY_TABLES in options.switches)
        except (WebprofError, OSError) as error:
            self.close()
            raise ProgramError(str(error)) from error

    def _load(self, *, with_walks: bool) -> None:
        self._loaded.load(_PROGRAM)
        if with_walks:
            self._add_walk(0, self._loaded.load(_NATIVE_WALK))
            self._add_runtime_walks()
        self._loaded.attach_tracepoints(online_cpus()[0])

    def _add_runtime_walks(self) -> None:
        """One that the verifier refuses must not cost native stacks: its slot stays empty and is passed over."""
        for slot, name in enumerate(_RUNTIME_WALKS, start=1):
            try:
                self._add_walk(slot, self._loaded.load(name))
            except WebprofError as error:
                logger.warning("stacks are recorded without %s: %s", name, error)

    def _add_walk(self, slot: int, program_fd: int) -> None:
        """Let the sampling program call a walk, and the walks each other."""
        key, value = np.array([slot], dtype=np.uint32), np.array([program_fd], dtype=np.uint32)
        bpf_syscall.map_update(self.map_fd("walk_programs"), key, value)
        self._walks.append(slot)

    @property
    def program_fd(self) -> int:
        return self._loaded.load(_PROGRAM)

    def map_fd(self, name: str) -> int:
        return self._loaded.map_fd(name)

    def attach(self, *, frequency: int = 0, period_ns: int = 0, cpu: int | None = None) -> None:
        """Sample `frequency` times per second, or once per `period_ns` of CPU time, on one CPU or all online ones."""
        try:
            for one in online_cpus() if cpu is None else [cpu]:
                self._loaded.attach_cpu_clock(_PROGRAM, one, frequency=frequency, period_ns=period_ns)
        except WebprofError as error:
            self.detach()
            raise ProgramError(str(error)) from error

    def set_period(self, period_ns: int) -> None:
        """Sample once per `period_ns` of CPU time from now on. Raises OSError."""
        self._loaded.set_clock_period(period_ns)

    def detach(self) -> None:
        """Stop sampling. The maps stay readable."""
        self._loaded.detach_cpu_clock()

    def run_time_ns(self) -> int:
        """Time the kernel measured in these programs; 0 when its run-time statistics are off."""
        return self._loaded.run_time_ns()

    def close(self) -> None:
        while self._walks:
            # The walk and the array it calls itself through hold each other: the kernel would free them later.
            with contextlib.suppress(OSError):
                bpf_syscall.map_delete(self.map_fd("walk_programs"), np.array([self._walks.pop()], dtype=np.uint32))
        self._loaded.close()
