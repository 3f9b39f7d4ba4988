"""What can be watched on a host, and what can't, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from profiler.core.inventory import Capability, Inventory
from profiler.core.probe import Emits, Parameter, Probe, Value, Values
from profiler.probes.registry import all_probes
from profiler.query.hosts import HostView


@dataclass(frozen=True)
class Watchable:
    """A probe as one host has it. `trouble`: why it can't run there now, and what would change that; "" when it can.
    `hidden`: titles of the columns that the host's policy keeps there.
    """

    probe: Probe
    trouble: str
    hidden: list[str]


@dataclass(frozen=True)
class ParameterNow:
    """A parameter with what it has now. `kind` is number, yes-no or text: which control shows it."""

    parameter: Parameter
    kind: str
    value: Value


def watchables(host: HostView, emits: Emits) -> list[Watchable]:
    """Probes of this kind, by title."""
    probes = sorted((each for each in all_probes().values() if each.emits is emits), key=lambda probe: probe.title)
    return [Watchable(probe, trouble(host, probe), hidden_columns(host, probe)) for probe in probes]


def trouble(host: HostView, probe: Probe) -> str:
    """Why a probe can't run on a host now; empty when it can."""
    if not host.alive:
        return "the host's agent sends no heartbeat: start it there with `webprof agent`"
    told = _told(host.inventory).get(probe.name)
    if told is None:
        return "the host's agent does not know this probe: update it"
    return "" if told.available else "; ".join(filter(None, (told.reason, told.fix)))


def hidden_columns(host: HostView, probe: Probe) -> list[str]:
    """Titles of the columns that the host's policy keeps there."""
    hides = host.inventory.hides if host.inventory else ()
    return [field.title for field in probe.fields if field.shows in hides]


def columns_for_page(probe: Probe) -> list[dict[str, str]]:
    """Of its events, as modules of pages know them."""
    return [{"name": one.name, "shows": one.shows, "title": one.title, "about": one.about} for one in probe.fields]


def parameters_now(probe: Probe, values: Values) -> list[ParameterNow]:
    """For a form. `values` as `Probe.values` gives them."""
    kinds = {bool: "yes-no", int: "number", str: "text"}
    return [ParameterNow(each, kinds[type(each.default)], values[each.name]) for each in probe.parameters]


def _told(inventory: Inventory | None) -> Mapping[str, Capability]:
    return {each.name: each for each in inventory.probes} if inventory else {}
