"""Which of a probe's ways a kernel allows: the best of those that are not refused."""

from collections.abc import Callable
from dataclasses import dataclass

from profiler.core.inventory import Capability
from profiler.core.probe import Hook, Probe


@dataclass(frozen=True)
class Way:
    """A probe as it runs on a host. `hook` is None where it has one way; `refused` are better ones, each with why."""

    probe: Probe
    state: Capability
    hook: Hook | None = None
    refused: tuple[tuple[Hook, str], ...] = ()

    def told(self) -> str:
        """For people: which way was taken, and why no better one; empty where there is no choice."""
        if self.hook is None:
            return ""
        why = "; ".join(f"not {hook.name}: {reason}" for hook, reason in self.refused)
        return f"{self.hook.name}: {self.hook.about}" + (f" ({why})" if why else "")


def choose(probe: Probe, look: Callable[[Probe], Capability]) -> Way:
    """`look` says whether a probe of one way runs here. When none does, the best one's reason is told."""
    if not probe.hooks:
        return Way(probe, look(probe))
    tried: list[Way] = []
    for hook in probe.hooks:
        one = probe.at(hook)
        state = look(one)
        if state.available:
            return Way(one, state, hook, tuple((way.hook, way.state.reason) for way in tried if way.hook))
        tried.append(Way(one, state, hook))
    return tried[0]
