"""Compiles, loads and attaches the sampling program, and takes it away again without a trace."""

import atexit
import contextlib
import logging
import os
import platform
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from profiler.agent import bpf_syscall
from profiler.agent.bcc_binding import load_bcc
from profiler.core.errors import WebprofError

logger = logging.getLogger(__name__)

BPF_DIRECTORY = Path(__file__).resolve().parent.parent / "bpf"
# The stub headers hold x86-64's page size; other machines are refused until someone has run them there.
MACHINES = ("x86_64",)

# The switch that walks user stacks by unwind tables, and the headers that are only right with it.
WALK_BY_TABLES = "WALK_EH"
MAP_HEADERS = ("unwind_tables.h", "unwind_vma.h", "walk_eh.h", "walk_python.h")

_PROGRAM = b"sample"
# What the program goes on with, in the order of `enum walk_program`.
_NATIVE_WALK = b"walk_further"
_RUNTIME_WALKS = (b"walk_python",)
PERF_TYPE_SOFTWARE = 1
PERF_COUNT_SW_CPU_CLOCK = 0
# BCC changes the working directory and reads the environment while it compiles: one at a time.
_compile_lock = threading.Lock()


class ProgramError(WebprofError):
    """The BPF program could not be compiled, loaded or attached."""


@dataclass(frozen=True)
class ProgramOptions:
    """Macros for the C source: `switches` are defined, `sizes` are defined to a number."""

    switches: frozenset[str] = frozenset()
    sizes: dict[str, int] = field(default_factory=dict)

    def with_tables(self, switches: set[str], sizes: dict[str, int]) -> "ProgramOptions":
        """The same with the walk by unwind tables of these sizes."""
        return ProgramOptions(self.switches | {WALK_BY_TABLES} | switches, self.sizes | sizes)

    def cflags(self) -> list[str]:
        return [
            f"-I{BPF_DIRECTORY}",
            *(f"-D{name}" for name in sorted(self.switches)),
            *(f"-D{name}={value}" for name, value in self.sizes.items()),
        ]


class SamplingProgram:
    """One loaded copy of `cpu_sample.c` with its own maps. Raises ProgramError from the constructor and `attach`."""

    def __init__(self, options: ProgramOptions) -> None:
        if platform.machine() not in MACHINES:
            raise ProgramError(f"this machine is {platform.machine()}; recording runs on {', '.join(MACHINES)} so far")
        bcc = load_bcc()
        source = _source(options)
        with _compile_lock, _kernel_source(BPF_DIRECTORY):
            try:
                self._bpf: Any = bcc.BPF(text=source.encode(), cflags=options.cflags())
            except Exception as error:  # BCC raises bare Exception
                raise ProgramError(
                    f"BCC could not compile cpu_sample.c ({error}); its messages are on stderr"
                ) from error
        self._has_walk = False
        # BCC keeps every module alive until exit; ours end with the recording.
        atexit.unregister(self._bpf.cleanup)
        try:
            self._function: Any = self._bpf.load_func(_PROGRAM, bcc.BPF.PERF_EVENT)
            if WALK_BY_TABLES in options.switches:
                self._add_walk(0, self._bpf.load_func(_NATIVE_WALK, bcc.BPF.PERF_EVENT).fd)
        except Exception as error:
            self.close()
            raise ProgramError(f"the kernel refused the BPF program: {error}") from error
        if WALK_BY_TABLES in options.switches:
            self._add_runtime_walks(bcc)

    def _add_runtime_walks(self, bcc: Any) -> None:
        """One that the verifier refuses must not cost native stacks: its slot stays empty and is passed over."""
        for slot, name in enumerate(_RUNTIME_WALKS, start=1):
            try:
                self._add_walk(slot, self._bpf.load_func(name, bcc.BPF.PERF_EVENT).fd)
            except Exception as error:  # BCC raises bare Exception
                logger.warning("stacks are recorded without %s: the kernel refused it: %s", name.decode(), error)

    def _add_walk(self, slot: int, program_fd: int) -> None:
        """Let the sampling program call a walk, and the walks each other."""
        key, value = np.array([slot], dtype=np.uint32), np.array([program_fd], dtype=np.uint32)
        bpf_syscall.map_update(self.map_fd("walk_programs"), key, value)
        self._has_walk = True

    @property
    def program_fd(self) -> int:
        return int(self._function.fd)

    def map_fd(self, name: str) -> int:
        return int(self._bpf[name.encode()].map_fd)

    def attach(self, *, frequency: int = 0, period_ns: int = 0, cpu: int | None = None) -> None:
        """Sample `frequency` times per second, or once per `period_ns` of CPU time, on one CPU or all online ones."""
        try:
            self._bpf.attach_perf_event(
                ev_type=PERF_TYPE_SOFTWARE,
                ev_config=PERF_COUNT_SW_CPU_CLOCK,
                fn_name=_PROGRAM,
                sample_freq=frequency,
                sample_period=period_ns,
                cpu=-1 if cpu is None else cpu,
            )
        except Exception as error:
            raise ProgramError(f"the kernel refused the cpu-clock event: {error}") from error

    def detach(self) -> None:
        """Stop sampling. The maps stay readable."""
        if self._bpf.open_perf_events:
            self._bpf.detach_perf_event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK)

    def run_time_ns(self) -> int:
        """Time the kernel measured in this program; 0 when its run-time statistics are off."""
        for line in Path(f"/proc/self/fdinfo/{self.program_fd}").read_text().splitlines():
            name, _, value = line.partition(":")
            if name == "run_time_ns":
                return int(value)
        return 0

    def close(self) -> None:
        if self._has_walk:
            # The walk and the array it calls itself through hold each other: the kernel would free them later.
            for slot in range(1 + len(_RUNTIME_WALKS)):
                with contextlib.suppress(OSError):  # not filled: loading failed half way
                    bpf_syscall.map_delete(self.map_fd("walk_programs"), np.array([slot], dtype=np.uint32))
        self._bpf.cleanup()


def _source(options: ProgramOptions) -> str:
    """BCC translates map operations only in the main file: headers with maps are put before it, not included by it."""
    headers = MAP_HEADERS if WALK_BY_TABLES in options.switches else ()
    names = (*headers, "cpu_sample.c")
    return "\n".join(f'#line 1 "{name}"\n{(BPF_DIRECTORY / name).read_text()}' for name in names)


@contextlib.contextmanager
def _kernel_source(directory: Path) -> Iterator[None]:
    """Make BCC compile against our stub headers, and leave the environment as it was."""
    name = "BCC_KERNEL_SOURCE"
    before = os.environ.get(name)
    os.environ[name] = str(directory)
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
