"""From the streams of the agents into the database. Idempotent: duplicates and any order end in the same rows."""

from uuid import UUID

from django.db import transaction
from pydantic import ValidationError

from profiler import events, streams
from profiler.bpftrace.taking import PROGRAMS
from profiler.core import batch
from profiler.core.channel import CONTINUOUS_STREAM, PROFILES_STREAM, RUNS_STREAM, RunReport, RunState
from profiler.core.errors import WebprofError
from profiler.core.profile import Profile
from profiler.ingest import continuous, queue
from profiler.ingest.keep import keep_recording
from profiler.ingest.queue import Fields, Queue
from profiler.ingest.recover import recover
from profiler.ingest.store import RECORDING, Origin, profile_id, recording_title, store
from profiler.jobs.transitions import apply_report, refuse_result
from profiler.models import Run, StoredProfile

# One profile may be MAX_COMPRESSED_BYTES; reports are a few hundred bytes.
PROFILES_AT_ONCE = 1
REPORTS_AT_ONCE = 100
# Between so many profiles of a backlog, about half a second, it is looked whether a run has a result.
CONTINUOUS_AT_A_TURN = 50


class RejectedError(WebprofError):
    """An entry that names no run of ours, or one of another host. The run itself is left alone."""


def drain() -> int:
    """Store every waiting profile and report; returns how many entries were settled. Raises RedisError."""
    redis = streams.client()
    settled = 0
    while True:
        # Profiles first: a run should not be done before its profile can be opened.
        settled += sum(queue.drain(redis, each) for each in (PROFILES, REPORTS, PROGRAMS))
        done = queue.drain(redis, CONTINUOUS, CONTINUOUS_AT_A_TURN)
        settled += done
        if done < CONTINUOUS_AT_A_TURN:
            return settled


def _take_profile(fields: Fields) -> None:
    data = fields.get(b"data", b"")
    profile = batch.decode(data)
    key = profile_id(profile)
    with transaction.atomic():
        run = _own_run(_run_of(fields), profile.meta.host)
        # Same id: delivered twice. Same run, other id: what was recovered when the host seemed lost.
        if StoredProfile.objects.filter(pk=key).exists():
            return
        if StoredProfile.objects.filter(run=run, partial=False).exists():
            raise RejectedError(f"run {run.pk} already has another profile than {key}")
        StoredProfile.objects.filter(run=run, partial=True).delete()
        _store(profile, run, data)


def _store(profile: Profile, run: Run, data: bytes) -> None:
    store(profile, Origin(run.job.owner, recording_title(run), RECORDING, run), data)
    keep_recording(profile)
    run.samples, run.lost = profile.quality.samples, profile.quality.lost_total
    run.save(update_fields=["samples", "lost"])
    events.announce(run)


def _profile_refused(fields: Fields, error: WebprofError) -> None:
    """A damaged batch ends its run: nothing better will come."""
    run = None if isinstance(error, RejectedError) else _find(_run_of(fields))
    if run is not None:
        refuse_result(run, f"the result of host {run.host_id} was refused: {error}")


def _take_report(fields: Fields) -> None:
    try:
        report = RunReport.model_validate_json(fields.get(b"data", b""))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise RejectedError(f"report field {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    with transaction.atomic():
        run = _own_run(report.run, report.host)
        followed = apply_report(run, report)
    if followed and run.state == RunState.FAILED:
        # An agent that was killed comes back without samples; what it sent before is in the live stream.
        recover(run)


def _report_refused(fields: Fields, error: WebprofError) -> None:
    """A bad report says nothing, also not that its run failed; reconciling notices when no better one comes."""


def _run_of(fields: Fields) -> str:
    return fields.get(b"run", b"").decode("ascii", "replace")


def _find(run_id: str) -> Run | None:
    try:
        key = UUID(run_id)
    except ValueError:
        return None
    return Run.objects.select_related("host", "job__owner").filter(pk=key).first()


def _own_run(run_id: str, host: str) -> Run:
    """The run, locked until the commit. Raises RejectedError unless the host that sent the entry is the run's."""
    run = _find(run_id)
    if run is None:
        raise RejectedError(f"run {run_id[:64]!r} does not exist")
    if run.host_id != host:
        raise RejectedError(f"run {run_id} is of host {run.host_id}, but was sent by {host[:64]!r}")
    Run.objects.select_for_update().get(pk=run.pk)
    return run


PROFILES = Queue(PROFILES_STREAM, _take_profile, _profile_refused, PROFILES_AT_ONCE)
CONTINUOUS = Queue(CONTINUOUS_STREAM, continuous.take, continuous.refused, PROFILES_AT_ONCE)
REPORTS = Queue(RUNS_STREAM, _take_report, _report_refused, REPORTS_AT_ONCE)
