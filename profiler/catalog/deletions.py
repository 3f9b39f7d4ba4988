"""Recordings that somebody deleted: their profiles leave the store, at the latest when the worker comes to it.

What is asked is committed with the deletion of the recording, and crossed out when it is done: a crash in between means
doing it again, which changes nothing.
"""

import logging
from itertools import groupby

from django.db import transaction

from profiler.catalog.wake import wake_compaction
from profiler.core.identity import key_hash
from profiler.models import StoreDeletion, StoreSeen
from profiler.store.errors import OvertakenError, StoreError, UnavailableError
from profiler.store.protocol import ProfileStore

log = logging.getLogger(__name__)
# Of one day at a time: each day's files are written anew once for all of them.
AT_ONCE = 400


def ask(profile_id: str) -> int:
    """In the caller's transaction: take the profile's parts out of the store; returns how many services' there are."""
    keys = StoreSeen.objects.filter(profile=key_hash(profile_id)).values_list("key", "day")
    if keys:
        transaction.on_commit(wake_compaction)
    asked = [StoreDeletion(key=key, day=day) for key, day in keys]
    StoreDeletion.objects.bulk_create(asked, ignore_conflicts=True)
    return len(asked)


def settle(store: ProfileStore) -> int:
    """Do what was asked; returns how many. Raises OvertakenError: then the rest is for the next time."""
    waiting = list(StoreDeletion.objects.order_by("day", "key").values_list("day", "key")[:AT_ONCE])
    count = 0
    for day, rows in groupby(waiting, key=lambda row: row[0]):
        keys = [key for _, key in rows]
        count += _settle_day(store, day, keys)
    return count


def _settle_day(store: ProfileStore, day: int, keys: list[int]) -> int:
    try:
        count = store.delete_all(keys)
    except (OvertakenError, UnavailableError):
        raise
    except StoreError:
        # It can't be done, and asking again would not help: sums of hours and days keep what they have.
        log.exception("%d profiles of day %d stay in sums of the profile store", len(keys), day)
        count = 0
    StoreDeletion.objects.filter(key__in=keys).delete()
    return count
