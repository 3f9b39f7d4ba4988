"""How a run of a program changes state. Every change is a conditional update: of two workers at once one wins."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from profiler.core.bpftrace.channel import ATTACH_S, CHECK_S, END_S
from profiler.core.bpftrace.results import ProgramReport
from profiler.core.channel import HEARTBEAT_TTL_S, RunState
from profiler.jobs.tasks import PICKUP_S
from profiler.jobs.transitions import ACTIVE, MAX_MESSAGE, ORDER
from profiler.models import BpftraceRun

# All that a run may take beside its own time, and a minute for a host that has other things to do.
OVERDUE_S = PICKUP_S + CHECK_S + ATTACH_S + END_S + 60


def finish(run: BpftraceRun, state: RunState, message: str, *, given_up: bool = False) -> bool:
    """End a run that is not over; False when it already was."""
    return _update(run, ACTIVE, state=state, message=message, given_up=given_up, finished_at=timezone.now())


def follow(run: BpftraceRun, report: ProgramReport) -> bool:
    """Follow an agent's report; False when it says nothing new (a duplicate, reordered, or after the end)."""
    earlier = [s.value for s in RunState if not s.final and ORDER[s] < ORDER[report.state]]
    expected = Q(state__in=earlier)
    if report.state.final:
        expected |= Q(given_up=True)
    return _update(
        run,
        expected,
        state=report.state,
        message=report.message,
        elapsed_s=report.elapsed_s,
        given_up=False,
        finished_at=timezone.now() if report.state.final else None,
    )


def give_up_lost(alive: set[str]) -> None:
    """End runs that were never picked up, whose host is silent, or that hang. A late result replaces that."""
    now = timezone.now()
    for run in BpftraceRun.objects.filter(ACTIVE).select_related("program"):
        if reason := _verdict(run, run.host in alive, now):
            finish(run, RunState.FAILED, reason, given_up=True)


def _verdict(run: BpftraceRun, alive: bool, now: datetime) -> str:
    """Why the run is lost; empty while there is hope."""
    age = now - run.created_at
    if run.state == RunState.QUEUED and age > timedelta(seconds=PICKUP_S):
        return f"host {run.host} did not start the program within {PICKUP_S} s"
    if not alive and age > timedelta(seconds=HEARTBEAT_TTL_S):
        return f"host {run.host} went silent while the program was {run.state}"
    if age > timedelta(seconds=run.program.duration_s + OVERDUE_S):
        return f"host {run.host} is alive, but sent no result {OVERDUE_S} s after the program should have ended"
    return ""


def _update(run: BpftraceRun, expected: Q, *, message: str, **fields: object) -> bool:
    won = BpftraceRun.objects.filter(expected, pk=run.pk).update(message=message[:MAX_MESSAGE], **fields)
    if won:
        run.refresh_from_db()
    return bool(won)
