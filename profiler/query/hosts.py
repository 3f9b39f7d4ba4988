"""Hosts with what they say about themselves now."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from profiler import access, heartbeats
from profiler.core.inventory import Inventory
from profiler.jobs.transitions import ACTIVE
from profiler.models import Host, Run


@dataclass(frozen=True)
class HostView:
    """`inventory` is the last heartbeat; of a host that is not alive the last known one, without processes.

    `run` is the id of the run that is active there, or None.
    """

    id: str
    alive: bool
    first_seen: datetime
    last_seen: datetime
    inventory: Inventory | None
    run: str | None


def list_hosts(user: access.Visitor) -> list[HostView]:
    """Every host the user may see, by name: a constant number of queries. Raises redis.RedisError."""
    return _views(list(access.hosts(user)))


def get_host(user: access.Visitor, host_id: str) -> HostView:
    return _views([access.host(user, host_id)])[0]


def _views(hosts: list[Host]) -> list[HostView]:
    alive = heartbeats.of(host.pk for host in hosts)
    active = dict(Run.objects.filter(ACTIVE, host__in=hosts).values_list("host_id", "pk"))
    return [_view(host, alive.get(host.pk), active.get(host.pk)) for host in hosts]


def _view(host: Host, inventory: Inventory | None, run: object | None) -> HostView:
    return HostView(
        id=host.pk,
        alive=inventory is not None,
        first_seen=host.first_seen,
        last_seen=host.last_seen,
        inventory=inventory or _last_known(host),
        run=str(run) if run else None,
    )


def _last_known(host: Host) -> Inventory | None:
    try:
        return Inventory.model_validate(host.inventory)
    except ValidationError:
        return None  # written by another version: better nothing than something wrong
