"""Profiles of continuous profiling: into the profile store, and nowhere else. They are of no run and of nobody."""

from profiler.core import batch
from profiler.core.continuous import CONTINUOUS, SOURCE
from profiler.core.errors import WebprofError
from profiler.core.profile import Profile
from profiler.ingest import collector
from profiler.ingest.keep import keep
from profiler.ingest.queue import Fields
from profiler.ingest.store import profile_id
from profiler.models import Host


class UnknownSourceError(WebprofError):
    """A profile that no host of ours can have made."""


def take(fields: Fields) -> None:
    """Raises WebprofError for one that is damaged, or that the store refuses; then nothing of it is kept."""
    with collector.at_rest():
        _keep(batch.decode(fields.get(b"data", b"")))


def _keep(profile: Profile) -> None:
    meta = profile.meta
    profile_id(profile)
    if meta.labels.get(SOURCE) != CONTINUOUS:
        raise UnknownSourceError(f"profile {meta.id} of host {meta.host[:64]!r} is none of continuous profiling")
    if not Host.objects.filter(pk=meta.host).exists():
        raise UnknownSourceError(f"profile {meta.id} is of host {meta.host[:64]!r}, which is not known")
    keep(profile)


def refused(fields: Fields, error: WebprofError) -> None:
    """It is set aside, where the operations page shows it."""
