"""What can be recorded, and where."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from profiler.core.probe import Choice, Flag, Number, Parameter, Probe
from profiler.probes.kernels import kernel_with
from profiler.query.hosts import get_host
from profiler.query.probes import listed_probes, probe_state

router = Router(tags=["recording"])


class ParameterOut(Schema):
    """`type`: number (with `least`, `most` and `unit`), flag, choice (of `choices`) or text.
    `default` is what one that is left out has."""

    name: str
    title: str
    about: str
    type: str
    default: int | bool | str
    least: int | None = None
    most: int | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()

    @classmethod
    def of(cls, parameter: Parameter) -> "ParameterOut":
        same: dict[str, Any] = {name: getattr(parameter, name) for name in ("name", "title", "about", "default")}
        if isinstance(parameter, Number):
            bounds: dict[str, Any] = {"least": parameter.least, "most": parameter.most, "unit": parameter.unit}
            return cls(type="number", **same, **bounds)
        if isinstance(parameter, Choice):
            return cls(type="choice", choices=parameter.choices, **same)
        return cls(type="flag" if isinstance(parameter, Flag) else "text", **same)


class NeedOut(Schema):
    """A tracepoint, and in words which kernels have it."""

    tracepoint: str
    kernel: str


class WayOut(Schema):
    """One of several ways in which a probe sees what it tells."""

    name: str
    about: str


class ProbeOut(Schema):
    """`emits`: stacks (then it can be recorded, and `unit` is that of its values), histogram, events or counters.

    `cost_ns` of CPU time for each event, as docs/overhead.md has it. `ways`, the best one first: a host takes the
    first that its kernel allows. `available`, with `reason` and `fix` when it is not, and `how`, the way that is taken,
    are of the host that was asked for; without one `available` is null.
    """

    name: str
    title: str
    about: str
    emits: str
    unit: str
    cost_ns: int
    needs: list[NeedOut]
    parameters: list[ParameterOut]
    ways: tuple[WayOut, ...] = ()
    available: bool | None = None
    reason: str = ""
    fix: str = ""
    how: str = ""

    @classmethod
    def of(cls, probe: Probe) -> "ProbeOut":
        same = {name: getattr(probe, name) for name in ("name", "title", "about", "emits", "unit", "cost_ns")}
        needs = [NeedOut(tracepoint=needed, kernel=kernel_with(needed)) for needed in probe.needs]
        ways = tuple(WayOut(name=hook.name, about=hook.about) for hook in probe.hooks)
        return cls(needs=needs, ways=ways, parameters=[ParameterOut.of(one) for one in probe.parameters], **same)


@router.get("", response=list[ProbeOut], summary="What can be recorded, and whether a host can")
def probes(request: HttpRequest, host: str = "") -> list[ProbeOut]:
    found = [ProbeOut.of(probe) for probe in listed_probes(request.user)]
    inventory = get_host(request.user, host).inventory if host else None
    if inventory is None:
        return found
    states = [probe_state(inventory, probe.name) for probe in found]
    told = [state.model_dump(include={"available", "reason", "fix", "how"}) for state in states]
    return [probe.model_copy(update=update) for probe, update in zip(found, told, strict=True)]
