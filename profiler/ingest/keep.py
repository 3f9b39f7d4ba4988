"""A profile's samples go into the profile store, apart by service."""

import logging
import time

from django.db import transaction

from profiler.catalog.local import local_store
from profiler.catalog.once import first_time
from profiler.core.profile import Profile
from profiler.core.range_cover import DAY_MS
from profiler.core.service_quality import apart
from profiler.core.services import by_service
from profiler.core.unnamed import one_per_function
from profiler.fleet.rules import naming
from profiler.store.errors import StoreError
from profiler.store.hot import NS_PER_MS, new_profile

log = logging.getLogger(__name__)


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
    """What the store refuses is logged: a host with a wrong clock can still be recorded and looked at."""
    try:
        keep(profile)
    except StoreError as error:
        log.warning("profile %s of host %s is not in the profile store: %s", profile.meta.id, profile.meta.host, error)
