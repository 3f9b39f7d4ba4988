"""A recording's samples also go into the profile store, apart by service."""

import logging
import time

from profiler.catalog.local import local_store
from profiler.core.profile import Profile
from profiler.core.service_quality import apart
from profiler.core.services import by_service
from profiler.store.errors import StoreError
from profiler.store.hot import new_profile

log = logging.getLogger(__name__)


def keep(profile: Profile) -> int:
    """In the caller's transaction; returns how many services it was of. What the store refuses is logged.

    The recording itself is kept in any case: a host with a wrong clock can still be looked at.
    """
    parts = by_service(profile)
    quality = apart(profile.quality, parts)
    new = [
        new_profile(profile.meta, service, sums, profile.meta.labels, quality[service])
        for service, sums in parts.items()
    ]
    try:
        local_store().append(new, time.time_ns() // 1_000_000)
    except StoreError as error:
        log.warning("profile %s of host %s is not in the profile store: %s", profile.meta.id, profile.meta.host, error)
        return 0
    return len(new)
