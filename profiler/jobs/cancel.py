"""Stopping a run early."""

from uuid import UUID

from profiler import access, heartbeats
from profiler.core.channel import TASK_CANCEL, RunState
from profiler.errors import ConflictError
from profiler.jobs.tasks import send_to_host
from profiler.jobs.transitions import finish
from profiler.models import Run

BY_REQUEST = "cancelled on request"


def cancel(user: access.Visitor, run_id: str | UUID) -> Run:
    """Ask the host to stop, and send what it has. A run nobody picked up, or of a dead host, is over at once.

    Raises ConflictError when the run is already over.
    """
    run = access.changeable_run(user, run_id)
    if run.is_final:
        raise ConflictError(f"run {run.pk} is already {run.state}: there is nothing to cancel")
    send_to_host(run.host_id, TASK_CANCEL, run=str(run.pk))
    if run.state == RunState.QUEUED or run.host_id not in heartbeats.of([run.host_id]):
        finish(run, RunState.CANCELLED, BY_REQUEST, given_up=True)
    return run
