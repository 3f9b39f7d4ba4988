"""Making the database agree with what can be seen of the hosts: called every few seconds, safe at any time."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from profiler import heartbeats
from profiler.core.channel import HEARTBEAT_TTL_S, RunState
from profiler.core.inventory import Inventory
from profiler.ingest.recover import recover
from profiler.jobs.hosts import register
from profiler.jobs.tasks import PICKUP_S
from profiler.jobs.transitions import ACTIVE, finish, refuse_result
from profiler.models import Run

# Symbols of a big host take a while after the last sample; a minute without a word is a hung agent.
OVERDUE = timedelta(seconds=60)
# A done run whose profile is this late will not get it: agents send the profile before the report.
MISSING = timedelta(seconds=60)


def reconcile() -> dict[str, Inventory]:
    """Update hosts from heartbeats; end runs that were never picked up, whose host is silent, or that hang.

    What arrived of a failed run is kept as a partial profile. Returns the heartbeats. Raises redis.RedisError, having
    failed no run, when Redis does not answer: then nothing is known.
    """
    alive = heartbeats.living()
    register(alive)
    now = timezone.now()
    for run in Run.objects.filter(ACTIVE).select_related("host", "job", "profile"):
        if reason := _verdict(run, run.host_id in alive, now):
            _give_up(run, reason)
    for run in _without_profile(now):
        refuse_result(run, f"host {run.host_id} reported the run as done, but its profile never arrived")
    return alive


def _verdict(run: Run, alive: bool, now: datetime) -> str:
    """Why the run is lost; empty while there is hope."""
    host = run.host_id
    if run.state == RunState.QUEUED:
        if now - run.created_at <= timedelta(seconds=PICKUP_S):
            return ""
        hint = "its agent is alive but did not answer: restart it" if alive else "its agent is gone"
        return f"host {host} did not start the recording within {PICKUP_S} s: {hint}"
    if not alive and now - run.host.last_seen > timedelta(seconds=HEARTBEAT_TTL_S):
        return f"host {host} went silent while the run was {run.state}"
    deadline = run.created_at + timedelta(seconds=PICKUP_S + run.job.recording.duration_s) + OVERDUE
    if now > deadline:
        return f"host {host} is alive, but sent no result {OVERDUE.seconds} s after the recording should have ended"
    return ""


def _give_up(run: Run, reason: str) -> None:
    profile = recover(run)
    kept = f"; kept {profile.samples} samples that arrived before" if profile and profile.partial else ""
    if profile and not profile.partial:
        finish(run, RunState.DONE, "", given_up=True)  # its last report was lost, its result was not
    else:
        finish(run, RunState.FAILED, reason + kept, given_up=True)


def _without_profile(now: datetime) -> QuerySet[Run]:
    return Run.objects.filter(state=RunState.DONE, profile=None, finished_at__lt=now - MISSING)
