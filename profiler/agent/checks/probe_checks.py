"""Which probes run on this host: the tracepoints and kernel structs that each one needs."""

import platform
from collections.abc import Sequence

from profiler.agent.checks.capabilities import CPU
from profiler.agent.kernel.btf import KERNEL_BTF, BtfError, read_once
from profiler.agent.kernel.probe_macros import kernel_macros
from profiler.agent.kernel.tracefs import has_tracepoint
from profiler.core.inventory import Capability
from profiler.core.probe import Probe
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
    missing = [needed for needed in probe.needs if not has_tracepoint(needed)]
    if missing:
        reason = f"Linux {platform.release()} here has no tracepoint {', '.join(missing)}"
        return Capability(name=probe.name, available=False, reason=reason, fix=kernel_with(missing[0]) or ELSEWHERE)
    if probe.needs_btf and not KERNEL_BTF.exists():
        reason = f"{KERNEL_BTF} is missing, which tells where the kernel's structs keep what this reads"
        return Capability(name=probe.name, available=False, reason=reason, fix="a kernel with CONFIG_DEBUG_INFO_BTF")
    try:
        kernel_macros(probe)
    except BtfError as error:
        return Capability(name=probe.name, available=False, reason=str(error), fix=OTHER_KERNEL)
    return Capability(name=probe.name, available=True)
