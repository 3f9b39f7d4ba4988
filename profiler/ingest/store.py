"""Putting a profile into the database: facts and batch, in the caller's transaction."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from profiler.core.batch import encode
from profiler.core.errors import BatchError
from profiler.core.profile import Profile
from profiler.core.spec import DEFAULT_FREQUENCY_HZ
from profiler.debugfiles.index import index_unnamed
from profiler.models import ProfileData, Run, StoredProfile
from profiler.probes.stacks import stack_probe
from profiler.query.tree import make_overview

RECORDING = "recording"
MAX_START_S = 253_370_764_800  # year 9999: what a date can hold


@dataclass(frozen=True)
class Origin:
    """Where a profile comes from and whose it is. `source` is RECORDING or an import format's name."""

    owner: User
    title: str
    source: str
    run: Run | None = None
    partial: bool = False


def store(profile: Profile, origin: Origin, batch: bytes | None = None) -> StoredProfile:
    """Keep a profile under the id in its meta. `batch` is its encoded form, where there already is one."""
    meta, quality = profile.meta, profile.quality
    started_at = datetime.fromtimestamp(min(meta.start_ns / 1e9, MAX_START_S), UTC) if meta.start_ns else None
    stored = StoredProfile.objects.create(
        id=profile_id(profile),
        owner=origin.owner,
        run=origin.run,
        host=origin.run.host if origin.run else None,
        title=origin.title[:200],
        source=origin.source,
        kind=meta.kind[:64],
        unit=meta.unit[:64],
        started_at=started_at,
        time=started_at or timezone.now(),
        duration_s=meta.duration_ns / 1e9,
        period_ns=meta.period_ns,
        total=profile.total,
        samples=quality.samples,
        lost=quality.lost_total,
        unknown=quality.unknown_total,
        partial=origin.partial,
        labels=dict(meta.labels),
        quality=quality.to_dict(),
    )
    ProfileData.objects.create(
        profile=stored,
        batch=encode(profile) if batch is None else batch,
        overview=make_overview(stored, profile),
    )
    index_unnamed(stored, profile)
    return stored


def profile_id(profile: Profile) -> UUID:
    try:
        return UUID(profile.meta.id)
    except ValueError:
        raise BatchError(f"profile id {profile.meta.id!r} is not a UUID") from None


def recording_title(run: Run) -> str:
    spec = run.job.recording
    if spec.freeze_s is not None:
        return f"{run.host_id}: frozen, the last {spec.freeze_s:g} s"
    if not spec.is_sampled:
        return f"{run.host_id}: {stack_probe(spec.probe).title.lower()}, {spec.duration_s:g} s"
    rate = f"every {spec.count} ns" if spec.count else f"at {spec.frequency or DEFAULT_FREQUENCY_HZ} Hz"
    return f"{run.host_id}: {spec.probe}, {spec.duration_s:g} s {rate}"
