"""Host rows follow heartbeats."""

import logging
from collections.abc import Mapping, Set

from django.utils import timezone
from redis.exceptions import RedisError

from profiler import streams
from profiler.core.channel import HOSTS_STREAM, HOSTS_STREAM_CAP
from profiler.core.inventory import Inventory
from profiler.models import Host

log = logging.getLogger(__name__)

# What a person asks for a host that is gone: its kernel and size. The rest is only true while it beats.
FLEETING = {"processes", "containers", "units"}


def register(inventories: Mapping[str, Inventory]) -> None:
    """One row per host that is alive, with what it said last; a few statements whatever the number of hosts.

    Open hosts pages hear of a new host now: at its first heartbeat there was no row yet that they could have shown.
    """
    now = timezone.now()
    new = inventories.keys() - Host.objects.filter(pk__in=inventories).values_list("pk", flat=True)
    Host.objects.bulk_create(
        [
            Host(id=host, inventory=inventory.model_dump(mode="json", exclude=FLEETING), last_seen=now)
            for host, inventory in inventories.items()
        ],
        update_conflicts=True,
        unique_fields=("id",),
        update_fields=("inventory", "last_seen"),
        batch_size=500,
    )
    _announce(new)


def _announce(hosts: Set[str]) -> None:
    if not hosts:
        return
    try:
        with streams.client().pipeline(transaction=False) as pipe:
            for host in sorted(hosts):
                pipe.xadd(HOSTS_STREAM, {"host": host}, maxlen=HOSTS_STREAM_CAP)
            pipe.execute()
    except RedisError as error:
        # The rows are there; pages find them when they look again.
        log.warning("pages were not told of new hosts: %s", error)
