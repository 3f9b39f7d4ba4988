"""Continuous profiling as it is: what each host is to do, and what it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from profiler import access
from profiler.core.continuous import ContinuousSettings
from profiler.core.inventory import Continuous
from profiler.fleet.desired import Desired, desired, host_labels
from profiler.fleet.rules import variables
from profiler.models import ContinuousPlan
from profiler.query.hosts import HostView, list_hosts

# A profile is this late at most: its length, its way, and a heartbeat.
LATE_S = 90
NOTHING = Continuous()


@dataclass(frozen=True)
class HostContinuous:
    """`plan` is the one that counts there; `word` and `state` (of the style sheet) say how it stands."""

    host: HostView
    labels: Mapping[str, str]
    plan: ContinuousPlan | None
    wanted: ContinuousSettings
    is_now: Continuous
    last_end: datetime | None
    word: str
    state: str


def hosts_continuous(user: access.Visitor) -> list[HostContinuous]:
    """Every host the user may see, by name. Raises redis.RedisError."""
    hosts = list_hosts(user)
    wanted = desired({host.id: host.inventory for host in hosts}, variables())
    return [_row(host, wanted[host.id]) for host in hosts]


def host_continuous(user: access.Visitor, host: HostView) -> HostContinuous:
    access.require_role(user)
    return _row(host, desired({host.id: host.inventory}, variables())[host.id])


def _row(host: HostView, wanted: Desired) -> HostContinuous:
    is_now = host.inventory.agent.continuous if host.inventory else NOTHING
    labels = host_labels(host.id, host.inventory)
    del labels["host"]
    last_end = datetime.fromtimestamp(is_now.last_end_ns / 1e9, UTC) if is_now.last_end_ns else None
    word, state = _standing(host, wanted.settings, is_now)
    return HostContinuous(host, labels, wanted.plan, wanted.settings, is_now, last_end, word, state)


def _standing(host: HostView, wanted: ContinuousSettings, is_now: Continuous) -> tuple[str, str]:
    if not host.alive:
        return "gone", "off"
    if is_now.asked != wanted:
        return ("being switched on" if wanted.on else "being switched off"), "busy"
    if not wanted.on:
        return "off", "off"
    if is_now.sampling:
        return ("on, limited" if is_now.problem else "on"), ("warn" if is_now.problem else "good")
    if host.run:
        return "rests: somebody records", "busy"
    return ("does not record", "bad") if is_now.problem else ("starting", "busy")
