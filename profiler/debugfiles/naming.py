"""Bringing the names in stored profiles up to date with the debug files there are.

What a profile shows is a function of what was recorded and the debug files that are ready: see
docs/decisions/0004-names-are-a-view.md.
"""

import logging
import time
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from profiler.core import batch
from profiler.core.errors import BatchError
from profiler.core.profile import Profile
from profiler.core.resolve import resolve, unresolved_modules
from profiler.debugfiles.alone import alone
from profiler.debugfiles.index import index_unnamed
from profiler.debugfiles.names import names_in
from profiler.debugfiles.wake import wake_naming
from profiler.models import DebugFile, ProfileData, StoredProfile, UnnamedModule
from profiler.query.tree import make_overview

log = logging.getLogger(__name__)

# A worker that names profiles stores none meanwhile; there is another, and after this it asks again.
TURN_S = 30.0
# One large profile takes seconds; a lock of this age was left by a worker that is gone.
LONGEST_S = 600

Files = Mapping[str, DebugFile]


def name_profiles() -> None:
    """Name the profiles whose debug files came or went, newest first, for TURN_S; the rest has another turn."""
    until = time.monotonic() + TURN_S
    with alone("naming", LONGEST_S) as mine:
        if not mine:
            return
        _index_older(until)
        while time.monotonic() < until and (profile_id := _next_due()):
            name_profile(profile_id)
    if _next_due():
        wake_naming()


def name_profile(profile_id: UUID) -> None:
    """Make a profile's names anew. One that can't be named is shown as it was recorded, and the log says why."""
    files = _ready_files(profile_id)
    try:
        recorded = batch.decode(bytes(ProfileData.objects.get(pk=profile_id).batch))
        named = resolve(recorded, names_in(files, recorded.frames))
    except ProfileData.DoesNotExist:
        return  # deleted meanwhile
    except Exception:
        log.exception("profile %s can't be named", profile_id)
        _save(profile_id, files, None, None)
    else:
        _save(profile_id, files, recorded, named)


def _next_due() -> UUID | None:
    return _due().order_by("-profile__time").values_list("profile_id", flat=True).first()


def _due() -> QuerySet[UnnamedModule]:
    """Modules that have a debug file nobody looked into, or names from one that is gone."""
    ready = DebugFile.objects.filter(state=DebugFile.State.READY).values("build_id")
    return UnnamedModule.objects.filter(Q(build_id__in=ready) | Q(left__lt=F("value")), debug_file=None)


def _ready_files(profile_id: UUID) -> Files:
    wanted = UnnamedModule.objects.filter(profile_id=profile_id).values("build_id")
    found = DebugFile.objects.filter(state=DebugFile.State.READY, build_id__in=wanted)
    return {file.build_id: file for file in found}


def _save(profile_id: UUID, files: Files, recorded: Profile | None, named: Profile | None) -> None:
    """Keep the names, unless a debug file came or went meanwhile: then the profile stays due."""
    changed = named is not None and named is not recorded
    data = batch.encode(named) if named is not None and changed else None
    stored = StoredProfile.objects.filter(pk=profile_id).first()
    overview = make_overview(stored, named) if stored and named else None
    with transaction.atomic():
        stored = StoredProfile.objects.select_for_update().filter(pk=profile_id).first()
        if stored is None or _ready_files(profile_id) != files:
            return
        left = None if named is None else {each.build_id: each.value for each in unresolved_modules(named)}
        for row in stored.unnamed_modules.all():
            row.left = row.value if left is None else left.get(row.build_id, 0)
            row.debug_file = files.get(row.build_id)
            row.save(update_fields=["left", "debug_file"])
        ProfileData.objects.filter(pk=profile_id).update(named=data, overview=overview)
        if named is not None:
            stored.quality, stored.unknown = named.quality.to_dict(), named.quality.unknown_total
        stored.revision += 1
        stored.save(update_fields=["quality", "unknown", "revision"])


def _index_older(until: float) -> None:
    """Profiles that were stored before there was an index. One that can't be read has nothing to list."""
    for stored in StoredProfile.objects.filter(indexed=False)[:100]:
        if time.monotonic() > until:
            return
        try:
            recorded = batch.decode(bytes(stored.data.batch))
        except BatchError:
            log.exception("profile %s can't be indexed", stored.pk)
            StoredProfile.objects.filter(pk=stored.pk).update(indexed=True)
            continue
        with transaction.atomic():
            index_unnamed(stored, recorded)
