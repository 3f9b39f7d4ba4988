"""Whole profiles that were kept, whatever services their samples were found to be of."""

from profiler.catalog.inserting import insert_new
from profiler.core.identity import key_hash
from profiler.models import StoreSeen

# No service's name: those are never empty.
WHOLE = ""


def first_time(profile_id: str, day: int) -> bool:
    """Whether this profile comes for the first time; remembered from now on, in the caller's transaction.

    The store knows each service's part of a profile. Rules may have changed between two deliveries of one, and then
    its samples would be of other services, and counted again.
    """
    return insert_new(StoreSeen, {"key": key_hash(profile_id, WHOLE), "day": day, "profile": 0})
