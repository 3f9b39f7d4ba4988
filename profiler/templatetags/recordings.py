"""Recordings in words."""

from django import template

from profiler.core.channel import RunState
from profiler.core.spec import RecordingSpec
from profiler.templatetags.human import rate, seconds
from profiler.templatetags.probes import kind_name, parameter_words

register = template.Library()

STATE_CLASS = {RunState.DONE: "good", RunState.FAILED: "bad", RunState.CANCELLED: "off"}


@register.filter
def state_class(state: str) -> str:
    """The style of a run's state; those that go on are busy."""
    return STATE_CLASS.get(RunState(state), "busy")


@register.filter
def recording(spec: RecordingSpec) -> str:
    """What a recording asks for, in one line: "CPU 99 Hz · 10 s · pid 812"."""
    if spec.freeze_s is not None:
        return f"Frozen: the last {seconds(spec.freeze_s)}"
    what = f"{kind_name(spec.probe)} {rate(spec.period_ns)}".rstrip()
    return " · ".join((what, seconds(spec.duration_s), *_targets(spec)))


@register.filter
def targets(spec: RecordingSpec) -> str:
    """Whom a recording is about: "pid 812 · kernel only"; empty for the whole host."""
    return " · ".join(_targets(spec))


def _targets(spec: RecordingSpec) -> list[str]:
    """Each restriction in a few words."""
    named = {
        "pid": ", ".join(map(str, spec.pids)),
        "thread": ", ".join(map(str, spec.tids)),
        "name": spec.comm,
        "container": spec.container,
        "unit": spec.unit,
        "cgroup": spec.cgroup,
    }
    words = parameter_words(spec)
    words += [f"{what} {value}" for what, value in named.items() if value]
    if spec.children:
        words.append("with children")
    if spec.cpu is not None:
        words.append(f"CPU #{spec.cpu}")
    if spec.user_only or spec.kernel_only:
        words.append("user only" if spec.user_only else "kernel only")
    return words
