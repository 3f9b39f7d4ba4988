"""What is left of a run whose host went away."""

from dataclasses import replace
from typing import cast

from django.db import transaction

from profiler import streams
from profiler.core.channel import live_key
from profiler.core.errors import WebprofError
from profiler.core.profile import Profile
from profiler.core.quality import Quality
from profiler.ingest.ids import new_profile_id
from profiler.ingest.live import Entry, LiveProfile
from profiler.ingest.store import RECORDING, Origin, recording_title, store
from profiler.models import Run, StoredProfile

# A stream holds a snapshot and the deltas since, one a second; many times that is not a live stream.
MAX_ENTRIES = 1000
DAMAGED = "damaged part of the live stream"


def recover(run: Run) -> StoredProfile | None:
    """The run's profile, made from its live stream and marked partial when it has none; None when nothing arrived."""
    existing = StoredProfile.objects.filter(run=run).first()
    if existing is not None:
        return existing
    profile = _read(run)
    if profile is None or not len(profile):
        return None
    # An id of its own: should the whole profile still arrive, it is another one and replaces this.
    fresh = str(new_profile_id())
    profile = replace(profile, meta=replace(profile.meta, id=fresh))
    origin = Origin(run.job.owner, recording_title(run), RECORDING, run, partial=True)
    with transaction.atomic():
        locked = Run.objects.select_for_update().get(pk=run.pk)
        return StoredProfile.objects.filter(run=locked).first() or store(profile, origin)


def _read(run: Run) -> Profile | None:
    live = LiveProfile(str(run.pk), run.host_id)
    damaged = 0
    entries = streams.client().xrange(live_key(str(run.pk)), count=MAX_ENTRIES)
    for _, entry in cast("list[tuple[bytes, Entry]]", entries):
        try:
            live.apply(entry)
        except WebprofError:
            damaged += 1
    profile = live.profile()
    if profile is None or not damaged:
        return profile
    return replace(profile, quality=profile.quality + Quality(skipped={DAMAGED: damaged}))
