"""Host rows follow heartbeats."""

from collections.abc import Mapping

from django.utils import timezone

from profiler.core.inventory import Inventory
from profiler.models import Host

# What a person asks for a host that is gone: its kernel and size. The rest is only true while it beats.
FLEETING = {"processes", "containers", "units"}


def register(inventories: Mapping[str, Inventory]) -> None:
    """One row per host that is alive, with what it said last; two statements whatever the number of hosts."""
    now = timezone.now()
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
