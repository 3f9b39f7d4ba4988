"""A profile's samples go into the profile store, apart by service."""

import time

from django.db import transaction

from profiler import streams
from profiler.catalog.local import local_store
from profiler.catalog.once import first_time
from profiler.core.channel import PROFILES_STREAM
from profiler.core.profile import Profile
from profiler.core.range_cover import DAY_MS
from profiler.core.service_quality import apart
from profiler.core.services import by_service
from profiler.core.unnamed import one_per_function
from profiler.fleet.rules import naming
from profiler.ingest.queue import set_aside
from profiler.store.errors import StoreError
from profiler.store.hot import NS_PER_MS, new_profile


def keep(profile: Profile) -> int:
    """In a transaction; returns how many services it was of, 0 for one that was kept before. Raises StoreError."""
    meta = profile.meta
    with transaction.atomic():
        if not first_time(meta.id, meta.start_ns // NS_PER_MS // DAY_MS):
            return 0
        parts = by_service(one_per_function(profile), naming(meta.host, meta.labels))
        quality = apart(profile.quality, parts)
        new = [new_profile(meta, service, sums, meta.labels, quality[service]) for service, sums in parts.items()]
        local_store().append(new, time.time_ns() // NS_PER_MS)
    return len(new)


def keep_recording(profile: Profile) -> None:
    """What the store refuses is told on the operations page: a host with a wrong clock can still be recorded.

    Raises RedisError.
    """
    try:
        keep(profile)
    except StoreError as error:
        meta = profile.meta
        reason = f"profile {meta.id} of host {meta.host} is not in the profile store: {error}"
        set_aside(streams.client(), PROFILES_STREAM, meta.id.encode(), {}, reason)
