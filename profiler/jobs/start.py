"""Starting a recording: checks, rows, and one task per host."""

from collections.abc import Iterable, Sequence
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.timesince import timesince

from profiler import access, heartbeats
from profiler.core.channel import TASK_RECORD, RunState
from profiler.core.inventory import Inventory
from profiler.core.spec import RecordingSpec
from profiler.errors import InvalidError, UnavailableError
from profiler.jobs.errors import BusyHostError, DeadHostError, IncapableHostError, UnknownHostError
from profiler.jobs.flight import require_held
from profiler.jobs.hosts import register
from profiler.jobs.tasks import send_to_host
from profiler.jobs.transitions import ACTIVE, finish
from profiler.jobs.validation import require_probe
from profiler.models import Host, Job, Run
from profiler.query.probes import probe_state

# One press of a button on a whole fleet is a mistake more often than a wish.
MAX_HOSTS_PER_JOB = 100


def start(user: access.Visitor, spec: RecordingSpec, hosts: Iterable[str]) -> Job:
    """Begin `spec` on all of the hosts, or on none: the job, with a queued run for each.

    Raises InvalidError, UnknownHostError, DeadHostError, IncapableHostError, FlightRecorderError, BusyHostError or
    UnavailableError.
    """
    owner = access.operator(user, "record")
    names = list(dict.fromkeys(hosts))
    if not 0 < len(names) <= MAX_HOSTS_PER_JOB:
        raise InvalidError(f"hosts: {len(names)} given; choose 1 to {MAX_HOSTS_PER_JOB}", "hosts")
    require_probe(spec)
    _require_ready(names, spec)
    try:
        with transaction.atomic():
            job = Job.objects.create(owner=owner, spec=spec.model_dump(mode="json"))
            # One by one, so that the refused one is known.
            runs = [_create_run(job, host) for host in names]
            transaction.on_commit(partial(_send, runs))
    except _RefusedError as refused:
        raise _busy(refused.host) from None
    return job


class _RefusedError(Exception):
    def __init__(self, host: str) -> None:
        self.host = host


def _create_run(job: Job, host: str) -> Run:
    try:
        with transaction.atomic():
            return Run.objects.create(job=job, host_id=host)
    except IntegrityError as error:  # one_active_run_per_host
        raise _RefusedError(host) from error


def _busy(host: str) -> BusyHostError:
    way = Run.objects.filter(ACTIVE, host_id=host).first()
    return BusyHostError(host, way.pk if way else None)


def _require_ready(names: Sequence[str], spec: RecordingSpec) -> None:
    alive = heartbeats.of(names)
    register(alive)
    known = Host.objects.in_bulk(names)
    for name in names:
        if name not in known:
            raise UnknownHostError(name)
        if name not in alive:
            raise DeadHostError(name, f"for {timesince(known[name].last_seen, timezone.now())}")
        _require_probe_runs(alive[name], spec)
        if spec.freeze_s is not None:
            require_held(name, alive[name].agent.flight)


def _require_probe_runs(host: Inventory, spec: RecordingSpec) -> None:
    found = probe_state(host, spec.probe)
    if not found.available:
        raise IncapableHostError(host.host, spec.probe, found.reason, found.fix)


def _send(runs: Sequence[Run]) -> None:
    try:
        for run in runs:
            send_to_host(run.host_id, TASK_RECORD, run=str(run.pk), spec=run.job.spec)
    except UnavailableError as error:
        for run in runs:
            finish(run, RunState.FAILED, error.message)
        raise
