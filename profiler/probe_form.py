"""Probes in the form of a new recording: fields made from what each probe says of its parameters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from profiler.core.probe import Choice, Flag, Number, Parameter, Probe, ProbeError, Values
from profiler.core.spec import CPU_PROBE
from profiler.probes.kernels import by_kernel
from profiler.probes.stacks import stack_probe, stack_probes


def field_name(probe: str, parameter: str) -> str:
    """In the form and in links: `offcpu.least_us`."""
    return f"{probe}.{parameter}"


def probe_fields() -> dict[str, forms.Field]:
    """`probe`, and a field for each parameter of each probe: only those of the chosen one count."""
    fields: dict[str, forms.Field] = {"probe": forms.CharField(required=False, initial=CPU_PROBE)}
    for probe in stack_probes().values():
        fields |= {field_name(probe.name, one.name): _field(one) for one in probe.parameters}
    return fields


def _field(parameter: Parameter) -> forms.Field:
    if isinstance(parameter, Flag):
        return forms.BooleanField(required=False, initial=parameter.default)
    return forms.CharField(required=False, initial=parameter.default, strip=True)


def chosen_parameters(form: forms.Form) -> Values:
    """Those that differ from the probe's defaults; what is wrong becomes errors of the form's fields."""
    probe = _chosen(form)
    if probe is None:
        return {}
    values: Values = {}
    for parameter in probe.parameters:
        name = field_name(probe.name, parameter.name)
        given = form.cleaned_data.get(name)
        try:
            value = given if isinstance(given, bool) else _read(probe, parameter, given)
        except ProbeError as error:
            form.add_error(name, str(error).removeprefix(f"probe {probe.name}: "))
        else:
            values |= {} if value == parameter.default else {parameter.name: value}
    return values


def _chosen(form: forms.Form) -> Probe | None:
    try:
        return stack_probe(form.cleaned_data.get("probe") or CPU_PROBE)
    except ProbeError as error:
        form.add_error("probe", str(error))
        return None


def _read(probe: Probe, parameter: Parameter, text: str | None) -> Any:
    """What is empty is the default."""
    return probe.values_of_text({parameter.name: text or ""})[parameter.name]


@dataclass(frozen=True)
class ShownParameter:
    """`field` is the form's. `bounds`: of a number, in words."""

    parameter: Parameter
    field: forms.BoundField

    @property
    def is_flag(self) -> bool:
        return isinstance(self.parameter, Flag)

    @property
    def choices(self) -> tuple[str, ...]:
        return self.parameter.choices if isinstance(self.parameter, Choice) else ()

    @property
    def number(self) -> Number | None:
        return self.parameter if isinstance(self.parameter, Number) else None


@dataclass(frozen=True)
class ShownProbe:
    """A probe with its fields, for the page."""

    probe: Probe
    is_chosen: bool
    parameters: tuple[ShownParameter, ...]

    @property
    def needs(self) -> Mapping[str, Sequence[str]]:
        """Words for kernels, and the tracepoints that these have."""
        return by_kernel(self.probe.needs)


def shown_probes(form: forms.Form) -> Iterator[ShownProbe]:
    chosen = form["probe"].value() or CPU_PROBE
    for probe in stack_probes().values():
        parameters = [ShownParameter(one, form[field_name(probe.name, one.name)]) for one in probe.parameters]
        yield ShownProbe(probe, probe.name == chosen, tuple(parameters))
