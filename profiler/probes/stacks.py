"""Probes whose values are of stacks, `cpu` first, and what is asked of them."""

from collections.abc import Iterable
from dataclasses import replace

from profiler.core.probe import Emits, Probe, ProbeError, Values
from profiler.core.profile import SAMPLES, ProfileMeta
from profiler.core.spec import CPU_PROBE, RecordingSpec
from profiler.probes.registry import all_probes

CPU = Probe(
    name=CPU_PROBE,
    title="CPU",
    about="Which code runs: each CPU is looked at every so often, and its stack counts one.",
    emits=Emits.STACKS,
    needs=(),
    cost_ns=9_000,
    unit=SAMPLES,
)


def stack_probes() -> dict[str, Probe]:
    """By name: `cpu`, then the others by title."""
    others = [probe for probe in all_probes().values() if probe.emits is Emits.STACKS]
    return {probe.name: probe for probe in (CPU, *sorted(others, key=lambda probe: probe.title.lower()))}


def every_probe() -> tuple[Probe, ...]:
    """Those of stacks first, then the others as the registry has them."""
    others = [probe for probe in all_probes().values() if probe.emits is not Emits.STACKS]
    return (*stack_probes().values(), *others)


def stack_probe(name: str) -> Probe:
    """Raises ProbeError."""
    found = stack_probes().get(name)
    if found is None:
        raise ProbeError(f"there is no probe {name!r} that records stacks; there are {', '.join(stack_probes())}")
    return found


def measured(spec: RecordingSpec, meta: ProfileMeta) -> ProfileMeta:
    """The same of a profile of the spec: with its kind, unit and period. Raises ProbeError."""
    probe = stack_probe(spec.probe)
    return replace(meta, probe=probe.name, kind=probe.name, unit=probe.unit, period_ns=spec.period_ns)


def parameters_of(spec: RecordingSpec) -> Values:
    """A value for each parameter of the spec's probe. Raises ProbeError: no such probe, parameter or value."""
    return stack_probe(spec.probe).values(spec.parameters)


def read_settings(probe: str, settings: Iterable[str]) -> Values:
    """Parameters of a probe as commands take them, `name=value` each. Raises ProbeError."""
    pairs = [text.partition("=") for text in settings]
    if wrong := next((name for name, sign, _ in pairs if not sign), None):
        raise ProbeError(f"probe {probe}: {wrong!r} sets nothing: give name=value")
    values = stack_probe(probe).values_of_text({name: value for name, _, value in pairs})
    return {name: values[name] for name, _, _ in pairs}
