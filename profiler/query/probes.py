"""Which probes run on a host, from what its agent said last."""

from profiler import access
from profiler.core.inventory import Capability, Inventory
from profiler.core.probe import Probe
from profiler.core.spec import CPU_PROBE
from profiler.probes.stacks import every_probe, stack_probes

UNKNOWN = Capability(
    name="", available=False, reason="the agent there does not know this probe", fix="update the agent"
)


def probe_state(host: Inventory, probe: str) -> Capability:
    """Of one that the agent says nothing of: `cpu` runs where nothing is told against it, others are newer than it."""
    told = {item.name: item for item in (*host.capabilities, *host.probes)}
    known = Capability(name=probe, available=True) if probe == CPU_PROBE else UNKNOWN.model_copy(update={"name": probe})
    return told.get(probe, known)


def missing_probes(host: Inventory) -> dict[str, str]:
    """Probes of stacks that do not run there → why, and what would help."""
    states = (probe_state(host, name) for name in stack_probes())
    return {state.name: "; ".join(filter(None, (state.reason, state.fix))) for state in states if not state.available}


def listed_probes(user: access.Visitor) -> list[Probe]:
    """Those that record stacks first. Raises NotFoundError for who has no role."""
    access.require_role(user)
    return list(every_probe())
