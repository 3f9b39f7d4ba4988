"""A probe's program with one set of values: compiled or from the cache, loaded, at its tracepoints.

What is put in front of every program is `bpf/probe_filter.h`; who reads events or histograms adds a header of its own.
"""

import os
from collections.abc import Callable, Mapping

import numpy as np

from profiler.agent.checks.probe_checks import probe_way
from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.btf import read_once
from profiler.agent.kernel.bytecode_cache import BytecodeCache, default_cache_directory
from profiler.agent.kernel.counts import online_cpus
from profiler.agent.kernel.loaded_program import LoadedProgram
from profiler.agent.kernel.probe_macros import kernel_macros
from profiler.agent.kernel.program import compiled_program, link_walks
from profiler.agent.kernel.program_source import ProgramOptions
from profiler.agent.probes.listeners import seed_listeners
from profiler.core.errors import WebprofError
from profiler.core.probe import COMM, PID, Probe, Values
from profiler.probes.registry import program_file

FILTER_HEADER = "bpf/probe_filter.h"
# `struct probe_filter`.
FILTER = np.dtype([("own_tgid", "<u4"), ("pid", "<u4"), ("comm", "S16")])
# What programs have to know of the time before them.
_ENTERED_BEFORE: Mapping[str, Callable[[Callable[[str], int]], None]] = {"tcp": seed_listeners}
# They are in a map, not in the program.
_FILTERS = (PID, COMM)


# An interrupt's event while the program ran on its CPU: the kernel runs no second one then.
LOST_BESIDE = "beside another BPF program"


class ProbeProgramError(WebprofError):
    """A probe can't run here. The text names the probe, what is missing, and what has it."""


class ProbeProgram:
    """At work from the constructor to `close`, which leaves nothing of it in the kernel. Raises ProbeProgramError.

    `headers` are paths below the package and go in front of the program; `sizes` are further macros. `entries` and
    `shared`: as LoadedProgram has them. `prepared` changes what is compiled.
    """

    def __init__(
        self,
        probe: Probe,
        values: Values,
        headers: tuple[str, ...] = (),
        sizes: Mapping[str, int] | None = None,
        cache: BytecodeCache | None = None,
        entries: Mapping[str, int] | None = None,
        prepared: Callable[[ProgramOptions], ProgramOptions] | None = None,
        shared: Mapping[str, int] | None = None,
    ) -> None:
        self.probe = probe
        self._missed = 0
        try:
            with read_once():
                options = probe_options(probe, values, headers, sizes or {})
                options = prepared(options) if prepared else options
            compiled = compiled_program(options, cache or BytecodeCache(default_cache_directory()))
            self._loaded = LoadedProgram(compiled, entries, shared)
        except WebprofError as error:
            raise ProbeProgramError(f"probe {probe.name}: {error}") from error
        try:
            link_walks(self._loaded)
            self._set_filter(values)
            self._attach()
        except (WebprofError, OSError) as error:
            self._loaded.close()
            raise ProbeProgramError(f"probe {probe.name}: {error}") from error

    def _attach(self) -> None:
        """What was there before is entered twice: so that nothing is met unknown, and for what began meanwhile."""
        enter = _ENTERED_BEFORE.get(self.probe.name)
        if enter:
            enter(self.map_fd)
        self._loaded.attach_tracepoints(online_cpus()[0])
        if enter:
            enter(self.map_fd)

    def map_fd(self, name: str) -> int:
        return self._loaded.map_fd(name)

    def detach(self) -> None:
        """No event from now on; what is in the maps can still be read."""
        self._loaded.detach_tracepoints()
        bpf_syscall.wait_for_running_programs()

    def run_time_ns(self) -> int:
        """Time the kernel measured in it; 0 when its run-time statistics are off."""
        return self._loaded.run_time_ns()

    def newly_missed(self) -> dict[str, int]:
        """Events since the last time that it did not see because it, or another one, was running on their CPU."""
        missed = self._loaded.missed()
        new, self._missed = missed - self._missed, missed
        return {LOST_BESIDE: new} if new else {}

    def close(self) -> None:
        self._loaded.close()

    def _set_filter(self, values: Values) -> None:
        chosen = (os.getpid(), values.get(PID.name, 0), str(values.get(COMM.name, "")).encode())
        bpf_syscall.map_update(self.map_fd("filters"), np.zeros(1, dtype="<u4"), np.array([chosen], dtype=FILTER))


def probe_options(
    probe: Probe, values: Values, headers: tuple[str, ...] = (), sizes: Mapping[str, int] | None = None
) -> ProgramOptions:
    """What is compiled. Raises ProbeProgramError when this kernel lacks something, and names it."""
    way = probe_way(probe)
    if not way.state.available:
        raise ProbeProgramError(f"{way.state.reason}; it takes {way.state.fix}")
    shared = {name for parameter in _FILTERS if parameter in probe.parameters for name in _macros(parameter.name)}
    macros = {name: value for name, value in probe.macros(values).items() if name not in shared}
    return ProgramOptions(
        switches=frozenset(way.probe.switches),
        sizes=macros | kernel_macros(way.probe) | dict(sizes or {}),
        files=(FILTER_HEADER, *headers, *probe.headers, program_file(probe)),
    )


def _macros(parameter: str) -> tuple[str, ...]:
    name = parameter.upper()
    return name, f"{name}_0", f"{name}_1"
