"""A stored profile with the marks its recording was asked for."""

from profiler.core.annotate import annotate
from profiler.core.profile import Profile
from profiler.models import Job, StoredProfile


def as_asked(stored: StoredProfile, profile: Profile) -> Profile:
    """With delimiter and annotations when the job's specification has them; an upload as it is."""
    job = Job.objects.filter(runs__profile=stored.pk).first() if stored.run_id else None
    if job is None:
        return profile
    spec = job.recording
    return annotate(profile, delimiter=spec.delimiter, annotations=spec.annotations)
