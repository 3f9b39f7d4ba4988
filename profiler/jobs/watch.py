"""Watching a probe on a host: what was asked, who may have it started, and the task that asks the host."""

from collections.abc import Mapping
from dataclasses import dataclass

from profiler import access
from profiler.core.feed_channel import TASK_WATCH, WatchMessage, feed_id
from profiler.core.probe import Emits, Probe, ProbeError, Values
from profiler.errors import InvalidError
from profiler.jobs.tasks import send_to_host
from profiler.probes.registry import probe_named


@dataclass(frozen=True)
class Watch:
    """A feed that somebody asks for, checked. `may_start`: who only looks sees what others have running."""

    host: str
    probe: Probe
    values: Values
    may_start: bool

    @property
    def feed(self) -> str:
        return feed_id(self.probe.name, self.values)


def watch(user: access.Visitor, host_id: str, probe: str, given: Mapping[str, str]) -> Watch:
    """`given`: the probe's parameters as text. Raises NotFoundError, or InvalidError in the probe's words."""
    host = access.host(user, host_id)
    try:
        found = probe_named(probe)
        values = found.values_of_text(given)
    except ProbeError as error:
        raise InvalidError(str(error)) from None
    if found.emits is Emits.STACKS:
        raise InvalidError(f"probe {found.name} gives stacks, which are recorded, not watched")
    return Watch(host.pk, found, values, access.may_operate(user))


def ask_host(watched: Watch) -> None:
    """Have the host run it while its lease exists; twice is as good as once. Raises UnavailableError."""
    message = WatchMessage(probe=watched.probe.name, values=watched.values)
    send_to_host(watched.host, TASK_WATCH, **message.model_dump())
