"""Which files lack names in which profile: written when a profile is stored, so that nobody has to look through all."""

import re
from functools import partial

from django.db import transaction

from profiler.core.profile import Profile
from profiler.core.resolve import UnresolvedModule, unresolved_modules
from profiler.debugfiles.wake import wake_fetching, wake_naming
from profiler.models import DebugFile, StoredProfile, UnnamedModule
from profiler.models.debug_file import BUILD_ID_PATTERN


def index_unnamed(stored: StoredProfile, profile: Profile) -> None:
    """List what lacks names in a profile as it was recorded, in the caller's transaction, and have it looked up."""
    rows = [_row(stored, each) for each in unresolved_modules(profile) if re.fullmatch(BUILD_ID_PATTERN, each.build_id)]
    UnnamedModule.objects.bulk_create(rows)
    StoredProfile.objects.filter(pk=stored.pk).update(indexed=True)
    if rows:
        transaction.on_commit(partial(_have_it_named, [row.build_id for row in rows]))


def _row(stored: StoredProfile, found: UnresolvedModule) -> UnnamedModule:
    return UnnamedModule(
        profile=stored, build_id=found.build_id, module=found.module, value=found.value, left=found.value
    )


def _have_it_named(build_ids: list[str]) -> None:
    known = DebugFile.objects.filter(state=DebugFile.State.READY, build_id__in=build_ids).count()
    if known:
        wake_naming()
    if known < len(build_ids):
        wake_fetching()
