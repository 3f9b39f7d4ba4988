"""Loads and attaches the sampling program, and takes it away again without a trace."""

import logging
import platform
import threading
from collections.abc import Iterable, Sequence

from profiler.agent.kernel.attach_points import AttachPoint
from profiler.agent.kernel.bytecode import CompiledProgram
from profiler.agent.kernel.bytecode_cache import BytecodeCache, default_cache_directory, program_key
from profiler.agent.kernel.compiler_process import compile_in_child
from profiler.agent.kernel.counts import online_cpus
from profiler.agent.kernel.loaded_program import CLOCK_FUNCTION, LoadedProgram
from profiler.agent.kernel.program_source import ProgramOptions
from profiler.core.errors import WebprofError

logger = logging.getLogger(__name__)

# The stub headers hold x86-64's page size; other machines are refused until someone has run them there.
MACHINES = ("x86_64",)

# What a program goes on with, in the order of `enum walk_program`.
_WALKS = "walk_programs"
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


def link_walks(program: LoadedProgram) -> None:
    """Let its functions that take stacks go on in those that walk them. Raises WebprofError or OSError."""
    for kind in program.callers(_WALKS):
        program.put_callee(_WALKS, 0, _NATIVE_WALK, kind)
        for slot, name in enumerate(_RUNTIME_WALKS, start=1):
            _add_runtime_walk(program, slot, name, kind)


def _add_runtime_walk(program: LoadedProgram, slot: int, name: str, kind: int) -> None:
    """One that the verifier refuses must not cost native stacks: its slot stays empty and is passed over."""
    try:
        program.put_callee(_WALKS, slot, name, kind)
    except WebprofError as error:
        logger.warning("stacks are recorded without %s: %s", name, error)


class SamplingProgram:
    """One loaded copy of a program that takes stacks, with its own maps. Raises ProgramError from the constructor and
    `attach`. What it has at tracepoints runs from the constructor on.
    """

    def __init__(
        self, options: ProgramOptions, cache: BytecodeCache | None = None, points: Sequence[AttachPoint] = ()
    ) -> None:
        if platform.machine() not in MACHINES:
            raise ProgramError(f"this machine is {platform.machine()}; recording runs on {', '.join(MACHINES)} so far")
        try:
            self._loaded = LoadedProgram(compiled_program(options, cache or BytecodeCache(default_cache_directory())))
        except WebprofError as error:
            raise ProgramError(f"no BPF program: {error}") from error
        try:
            self._load(points)
        except (WebprofError, OSError) as error:
            self.close()
            raise ProgramError(str(error)) from error

    def _load(self, points: Sequence[AttachPoint]) -> None:
        link_walks(self._loaded)
        if self.has_clock:
            self._loaded.load(CLOCK_FUNCTION)
        self._loaded.attach_tracepoints(online_cpus()[0])
        self._loaded.attach_points(points, online_cpus()[0])

    @property
    def has_clock(self) -> bool:
        """Whether it samples what runs."""
        return CLOCK_FUNCTION in self._loaded.functions

    def has(self, name: str) -> bool:
        """Whether there is a function of this name."""
        return name in self._loaded.functions

    def function_fd(self, name: str, kind: int) -> int:
        return self._loaded.load(name, kind)

    @property
    def program_fd(self) -> int:
        return self._loaded.load(CLOCK_FUNCTION)

    def map_fds(self, names: Iterable[str]) -> dict[str, int]:
        """Of those that it has."""
        return {name: self._loaded.map_fd(name) for name in names if name in self._loaded.map_names}

    def map_fd(self, name: str) -> int:
        return self._loaded.map_fd(name)

    def room(self, name: str) -> int:
        """How many entries a map has room for; 0 where there is none of this name."""
        return self._loaded.room(name)

    def attach(self, *, frequency: int = 0, period_ns: int = 0, cpu: int | None = None) -> None:
        """Sample `frequency` times per second, or once per `period_ns` of CPU time, on one CPU or all online ones."""
        try:
            for one in online_cpus() if cpu is None else [cpu]:
                self._loaded.attach_cpu_clock(CLOCK_FUNCTION, one, frequency=frequency, period_ns=period_ns)
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

    def missed(self) -> int:
        """Events at which a program did not run, because its CPU was in the middle of it."""
        return self._loaded.missed()

    def close(self) -> None:
        self._loaded.close()
