"""Probes in words."""

from django import template

from profiler.core.probe import Number, Parameter, Probe, Value
from profiler.core.profile import NANOSECONDS, SAMPLES
from profiler.core.spec import RecordingSpec
from profiler.probes.document import bounds_words
from profiler.probes.stacks import stack_probes
from profiler.templatetags.human import THIN, count, nanoseconds, size

register = template.Library()

_UNITS = {NANOSECONDS: "time", "bytes": "bytes", SAMPLES: "samples and CPU time"}


@register.filter
def in_unit(value: int, unit: str) -> str:
    """A value as the viewer writes it: "1.24 s", "1.5 MiB", "13 faults"."""
    if unit == NANOSECONDS:
        return nanoseconds(value) if value else f"0{THIN}s"
    if unit == "bytes":
        return size(value)
    return f"{count(value)} {unit.removesuffix('s') if value == 1 else unit}"


@register.filter
def unit_words(probe: Probe) -> str:
    """What its values are, in plural."""
    return _UNITS.get(probe.unit, probe.unit)


@register.filter
def cost_words(probe: Probe) -> str:
    what = "sample" if probe.unit == SAMPLES else "event"
    return f"Each {what} costs about {nanoseconds(probe.cost_ns)}." if probe.cost_ns else ""


@register.filter
def kind_name(kind: str) -> str:
    """What a profile is of, by its probe's title; kinds of other tools' files are told as they are."""
    found = stack_probes().get(kind)
    return found.title if found else kind


@register.filter
def kind_about(kind: str) -> str:
    found = stack_probes().get(kind)
    return found.about if found else ""


@register.filter
def bounds(parameter: Parameter) -> str:
    return bounds_words(parameter, count)


@register.filter
def parameter_words(spec: RecordingSpec) -> list[str]:
    """What a recording asked of its probe, without what it left as it is: "At least 100 µs"."""
    probe = stack_probes().get(spec.probe)
    known = {one.name: one for one in probe.parameters} if probe else {}
    return [_parameter_words(known[name], value) for name, value in spec.parameters.items() if name in known]


def _parameter_words(parameter: Parameter, value: Value) -> str:
    if isinstance(value, bool):
        return parameter.title if value else f"not: {parameter.title}"
    unit = parameter.unit if isinstance(parameter, Number) else ""
    return f"{parameter.title} {value} {unit}".rstrip()
