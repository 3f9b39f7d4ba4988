"""The program of a probe that adds values to stacks: its macros and sizes."""

from dataclasses import replace

from profiler.agent.checks.probe_checks import probe_way
from profiler.agent.kernel.probe_macros import kernel_macros
from profiler.agent.kernel.program_source import STACK_HEADERS, TARGET_HEADERS, ProgramOptions
from profiler.agent.sampling.filters import program_options
from profiler.agent.targets.cgroups import CgroupDirectory
from profiler.core.probe import ProbeError
from profiler.core.spec import RecordingSpec
from profiler.probes.registry import program_file
from profiler.probes.stacks import parameters_of, stack_probe

# How often a busy host meets new stacks is not known before: room for 16,000 of them between two readings.
VALUE_RING_BYTES = 8 << 20
# Stacks that the program knows to be sent: some megabytes. Those met longest ago are sent again.
STACK_ENTRIES = 65_536
# Threads that wait at once.
WAIT_ENTRIES = 65_536
# Pieces of memory that are not freed yet: 100 MB of them, where a program makes so many while it is recorded.
KEPT_ENTRIES = 1 << 20
_VALUE_HEADER = "bpf/values.h"
# At events there are no interrupted registers to look at.
_SWITCH = "AT_EVENTS"


def value_options(spec: RecordingSpec, cgroup: CgroupDirectory | None) -> ProgramOptions:
    """Raises ProbeError, also when this kernel lacks what the probe needs, or BtfError."""
    way = probe_way(stack_probe(spec.probe))
    probe = way.probe
    if not way.state.available:
        raise ProbeError(f"probe {probe.name}: {way.state.reason}; it takes {way.state.fix}")
    options = program_options(spec, cgroup, VALUE_RING_BYTES)
    sizes = {
        "STACK_ENTRIES": STACK_ENTRIES,
        "WAIT_ENTRIES": WAIT_ENTRIES,
        "STATES": len(probe.states),
        "KEPT_ENTRIES": KEPT_ENTRIES,
    }
    return replace(
        options,
        switches=options.switches | {_SWITCH} | set(probe.switches),
        sizes=options.sizes | sizes | kernel_macros(probe) | probe.macros(parameters_of(spec)),
        files=(*TARGET_HEADERS, *STACK_HEADERS, _VALUE_HEADER, *probe.headers, program_file(probe)),
    )
