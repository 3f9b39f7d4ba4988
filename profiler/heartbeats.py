"""What hosts say about themselves now: the heartbeats in Redis, checked before anybody believes them."""

import logging
from collections.abc import Iterable
from itertools import islice
from typing import cast

from profiler import streams
from profiler.core.channel import heartbeat_key
from profiler.core.inventory import Inventory, InventoryError, decode

log = logging.getLogger(__name__)

# A fleet this size needs more than one page; somebody flooding Redis with names must not exhaust a worker.
MAX_HOSTS = 5000
PREFIX = heartbeat_key("")


def living() -> dict[str, Inventory]:
    """The last heartbeat of every host that is alive, by host id."""
    keys = islice(streams.client().scan_iter(match=f"{PREFIX}*", count=1000), MAX_HOSTS)
    return of(key.decode("utf-8", "replace").removeprefix(PREFIX) for key in keys)


def of(hosts: Iterable[str]) -> dict[str, Inventory]:
    """The last heartbeats of these hosts; hosts that are not alive are left out."""
    names = list(hosts)
    if not names:
        return {}
    values = cast("list[bytes | None]", streams.client().mget([heartbeat_key(name) for name in names]))
    found = {name: _checked(name, value) for name, value in zip(names, values, strict=True) if value is not None}
    return {name: inventory for name, inventory in found.items() if inventory is not None}


def _checked(host: str, data: bytes) -> Inventory | None:
    try:
        inventory = decode(data)
    except InventoryError as error:
        log.warning("host %r: %s", host, error)
        return None
    if inventory.host != host:
        log.warning("host %r: its heartbeat says it is %r; ignored", host, inventory.host)
        return None
    return inventory
