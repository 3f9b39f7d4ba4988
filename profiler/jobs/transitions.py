"""How a run changes state. Every change is a conditional update, so that of two workers at once one wins."""

from datetime import UTC, datetime

from django.db.models import Q
from django.utils import timezone

from profiler import events
from profiler.core.channel import RunReport, RunState
from profiler.models import Run
from profiler.models.job import FINAL_STATES

MAX_MESSAGE = 2000
# Year 9999: a host's clock may be wrong, but must not crash the server.
MAX_AT_NS = 253_370_764_800 * 10**9
ACTIVE = ~Q(state__in=FINAL_STATES)
# A report older than the one before it was reordered on the way: it says nothing new.
ORDER = {state: place for place, state in enumerate(RunState)}


def finish(run: Run, state: RunState, message: str, *, given_up: bool = False) -> bool:
    """End a run that is not over; False when it already was. `given_up`: only its silence says so."""
    return _update(run, ACTIVE, state=state, message=message, given_up=given_up, finished_at=timezone.now())


def refuse_result(run: Run, message: str) -> bool:
    """The run's profile can't be stored, so it failed, even when it was reported as done."""
    lost = ACTIVE | Q(state=RunState.DONE, profile=None)
    return _update(run, lost, state=RunState.FAILED, message=message, given_up=False, finished_at=timezone.now())


def apply_report(run: Run, report: RunReport) -> bool:
    """Follow an agent's report; False when it says nothing new (a duplicate, reordered, or after the end)."""
    state = report.state
    earlier = [s.value for s in RunState if not s.final and ORDER[s] <= ORDER[state]]
    expected = Q(state__in=earlier)
    if state.final:
        expected |= Q(given_up=True)
    elif state == RunState.QUEUED:
        return False
    at = datetime.fromtimestamp(min(report.at_ns, MAX_AT_NS) / 1e9, UTC)
    older = Q(reported_at=None) | Q(reported_at__lte=at)
    return _update(
        run,
        expected if state.final else expected & older,
        state=state,
        message=report.message,
        elapsed_s=report.elapsed_s,
        samples=report.samples,
        lost=report.lost,
        reported_at=at,
        given_up=False,
        finished_at=timezone.now() if state.final else None,
    )


def _update(run: Run, expected: Q, *, message: str, **fields: object) -> bool:
    won = Run.objects.filter(expected, pk=run.pk).update(message=message[:MAX_MESSAGE], **fields)
    if won:
        run.refresh_from_db()
        events.announce(run)
    return bool(won)
