"""Which probes run on this host: the tracepoints and kernel structs that each one needs."""

import platform
from collections.abc import Sequence

from profiler.agent.checks.capabilities import CPU
from profiler.agent.checks.places import places_refusal
from profiler.agent.kernel.btf import KERNEL_BTF, BtfError, read_once
from profiler.agent.kernel.probe_macros import kernel_macros
from profiler.agent.kernel.tracefs import has_field, has_tracepoint
from profiler.core.inventory import Capability
from profiler.core.probe import Probe
from profiler.probes.hooks import Way, choose
from profiler.probes.kernels import kernel_with
from profiler.probes.registry import all_probes

ELSEWHERE = "a kernel whose /sys/kernel/tracing/events lists it"
OTHER_KERNEL = "another version of Linux, or a version of webprof that knows this one"


def probe_capabilities(capabilities: Sequence[Capability]) -> tuple[Capability, ...]:
    """One for each probe, by its name. Where no BPF program runs, none does, for the same reason."""
    cpu = next((item for item in capabilities if item.name == CPU), None)
    if cpu is not None and not cpu.available:
        return tuple(cpu.model_copy(update={"name": name}) for name in all_probes())
    with read_once():
        return tuple(probe_capability(probe) for probe in all_probes().values())


def probe_capability(probe: Probe) -> Capability:
    way = probe_way(probe)
    return way.state.model_copy(update={"how": way.told()})


def probe_way(probe: Probe) -> Way:
    """The probe as it runs here: the best of its ways that this kernel does not refuse."""
    with read_once():
        return choose(probe, _state)


def _state(probe: Probe) -> Capability:
    """Of a probe that has one way."""
    missing = [needed for needed in probe.needs if not has_tracepoint(needed)]
    if missing:
        reason = f"Linux {platform.release()} here has no tracepoint {', '.join(missing)}"
        return _refused(probe, reason, kernel_with(missing[0]) or ELSEWHERE)
    untold = [field for field in probe.formats if not has_field(field)]
    if untold:
        return _refused(probe, f"tracepoints here do not tell {', '.join(untold)}", OTHER_KERNEL)
    if probe.at_places and (refusal := places_refusal()):
        return _refused(probe, refusal, "a kernel with CONFIG_UPROBE_EVENTS")
    if probe.needs_btf and not KERNEL_BTF.exists():
        reason = f"{KERNEL_BTF} is missing, which tells where the kernel's structs keep what this reads"
        return _refused(probe, reason, "a kernel with CONFIG_DEBUG_INFO_BTF")
    try:
        kernel_macros(probe)
    except BtfError as error:
        return _refused(probe, str(error), OTHER_KERNEL)
    return Capability(name=probe.name, available=True)


def _refused(probe: Probe, reason: str, fix: str) -> Capability:
    return Capability(name=probe.name, available=False, reason=reason, fix=fix)
