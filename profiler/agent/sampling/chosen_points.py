"""From a probe's parameters to the places on this host where its program runs."""

import difflib
import platform
from collections.abc import Sequence

from profiler.agent.kernel.attach_points import AttachPoint, ChosenTracepoint
from profiler.agent.kernel.loaded_program import CHOSEN_TRACEPOINT
from profiler.agent.kernel.tracefs import events_of, tracepoint_id
from profiler.agent.sampling.program_points import allocation_points, function_points, probe_points
from profiler.core.errors import WebprofError
from profiler.core.probe import Values
from profiler.core.spec import RecordingSpec
from profiler.probes.kernels import kernel_with
from profiler.probes.stacks import parameters_of


class PointError(WebprofError):
    """There is no such place on this host. The text says what there is."""


def chosen_points(spec: RecordingSpec) -> Sequence[AttachPoint]:
    """None for a probe that runs where its program says. Raises PointError or PlaceError."""
    values = parameters_of(spec)
    match spec.probe:
        case "tracepoint":
            return [_tracepoint(values)]
        case "function":
            return function_points(spec, values)
        case "usdt":
            return probe_points(spec, values)
        case "allocations":
            return allocation_points(spec, values)
    return ()


def _tracepoint(values: Values) -> ChosenTracepoint:
    name = str(values["event"])
    number = tracepoint_id(name)
    if number is None:
        raise PointError(f"Linux {platform.release()} here has no tracepoint {name}{_instead(name)}")
    return ChosenTracepoint(CHOSEN_TRACEPOINT, number)


def _instead(tracepoint: str) -> str:
    """What would help: a kernel that has it, a name like it, or the names of its category."""
    if kernel := kernel_with(tracepoint):
        return f"; {kernel} has it"
    category, _, event = tracepoint.partition(":")
    known = events_of(category)
    if not known:
        return f", nor any of {category}: /sys/kernel/tracing/available_events lists what there is"
    near = difflib.get_close_matches(event, known, n=3) or known[:3]
    return f"; {category} has {', '.join(near)}" + (f" and {len(known) - len(near)} more" if len(known) > 3 else "")
