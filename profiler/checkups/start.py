"""Starting a 60-second check."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.timesince import timesince

from profiler import access, heartbeats
from profiler.checkups.feeds import distinct, feeds_of, keep_running, now_ms
from profiler.checkups.follow import begin
from profiler.checkups.wake import look_again
from profiler.core.checkup import DEFAULT_SECONDS, LEAST_SECONDS, MOST_SECONDS
from profiler.core.spec import RecordingSpec
from profiler.errors import InvalidError, ServiceError
from profiler.jobs import start as start_recording
from profiler.jobs.errors import DeadHostError, UnknownHostError
from profiler.jobs.hosts import register
from profiler.models import Checkup, Host, HostCheckup, Job

MAX_HOSTS = 50


def start(user: access.Visitor, hosts: Iterable[str], seconds: float = DEFAULT_SECONDS) -> Checkup:
    """On all of the hosts. A host that already records is checked without another recording, and says so.

    Raises InvalidError, UnknownHostError, DeadHostError or UnavailableError.
    """
    owner = access.operator(user, "check hosts")
    names = list(dict.fromkeys(hosts))
    if not 0 < len(names) <= MAX_HOSTS:
        raise InvalidError(f"hosts: {len(names)} given; choose 1 to {MAX_HOSTS}", "hosts")
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise InvalidError(f"seconds: {seconds:g} given; choose {LEAST_SECONDS} to {MOST_SECONDS}", "seconds")
    _require_alive(names)
    since_ms = now_ms()
    with transaction.atomic():
        checkup = Checkup.objects.create(owner=owner, seconds=seconds, since_ms=since_ms)
        checked = [HostCheckup.objects.create(checkup=checkup, host_id=name) for name in names]
    for each in checked:
        feeds = distinct(feeds_of(each.host_id).values())
        begin(checkup.pk, each.host_id, feeds)
        keep_running(feeds, feeds)
        _sample(user, each, seconds)
    look_again(str(checkup.pk))
    return checkup


def _sample(user: access.Visitor, checked: HostCheckup, seconds: float) -> None:
    try:
        job: Job = start_recording(user, RecordingSpec(duration_s=seconds), [checked.host_id])
    except ServiceError as error:
        checked.no_run = error.message[:2000]
    else:
        checked.run = job.runs.get()
    checked.save(update_fields=["run", "no_run"])


def _require_alive(names: list[str]) -> None:
    alive = heartbeats.of(names)
    register(alive)
    known = Host.objects.in_bulk(names)
    for name in names:
        if name not in known:
            raise UnknownHostError(name)
        if name not in alive:
            raise DeadHostError(name, f"for {timesince(known[name].last_seen, timezone.now())}")
