"""Recordings that are deleted leave the profile store too: by the page, the API, the admin, or with their owner."""

from typing import Any

from django.db.models.signals import pre_delete
from django.dispatch import receiver

from profiler.catalog import deletions
from profiler.models import StoredProfile


@receiver(pre_delete, sender=StoredProfile, dispatch_uid="profile store")
def leave_the_store(sender: type[StoredProfile], instance: StoredProfile, **_: Any) -> None:
    """In the transaction of the deletion: both happen or none."""
    deletions.ask(str(instance.pk))
