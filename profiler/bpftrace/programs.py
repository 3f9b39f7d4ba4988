"""Starting and stopping programs: checks, rows, and one task per host."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.timesince import timesince
from pydantic import TypeAdapter, ValidationError

from profiler import access, heartbeats
from profiler.bpftrace.states import finish
from profiler.core.bpftrace.channel import (
    CAPABILITY,
    DEFAULT_DURATION_S,
    MAX_DURATION_S,
    MAX_PROGRAM,
    MIN_DURATION_S,
    TASK_BPFTRACE,
    TASK_BPFTRACE_STOP,
    ProgramText,
)
from profiler.core.channel import RunState
from profiler.core.inventory import Inventory
from profiler.errors import ConflictError, InvalidError, UnavailableError
from profiler.jobs.errors import DeadHostError, UnknownHostError
from profiler.jobs.hosts import register
from profiler.jobs.tasks import send_to_host
from profiler.jobs.transitions import ACTIVE
from profiler.models import BpftraceProgram, BpftraceRun, Host

MAX_HOSTS = 100
MAX_TITLE = 200
_text: TypeAdapter[str] = TypeAdapter(ProgramText)


@dataclass(frozen=True)
class Asked:
    """What somebody wants to run."""

    text: str
    hosts: Sequence[str]
    duration_s: int = DEFAULT_DURATION_S
    title: str = ""


def start(user: access.Visitor, asked: Asked) -> BpftraceProgram:
    """Run a program on all of the hosts, or on none: it, with a queued run for each.

    Raises InvalidError, UnknownHostError, DeadHostError, ConflictError or UnavailableError.
    """
    owner = access.tracer(user, "run bpftrace programs")
    names = list(dict.fromkeys(asked.hosts))
    _require_valid(asked, names)
    _require_ready(names)
    try:
        with transaction.atomic():
            program = BpftraceProgram.objects.create(
                owner=owner,
                owner_name=owner.get_username(),
                title=asked.title[:MAX_TITLE],
                text=asked.text,
                duration_s=asked.duration_s,
            )
            runs = [_create_run(program, host) for host in names]
            transaction.on_commit(partial(_send, runs))
    except _BusyError as busy:
        raise ConflictError(
            f"host {busy} runs another program: one at a time; wait for its end or stop it", "hosts"
        ) from None
    return program


def stop(user: access.Visitor, run_id: str | UUID) -> BpftraceRun:
    """Ask the host to stop, and send what it has. A run nobody picked up, or of a dead host, is over at once."""
    run = access.bpftrace_run(user, run_id)
    if run.is_final:
        raise ConflictError(f"bpftrace run {run.pk} is already {run.state}: there is nothing to stop")
    send_to_host(run.host, TASK_BPFTRACE_STOP, run=str(run.pk))
    if run.state == RunState.QUEUED or run.host not in heartbeats.of([run.host]):
        finish(run, RunState.CANCELLED, "stopped on request", given_up=True)
    return run


def blocker(inventory: Inventory | None) -> str:
    """Why a host runs no programs now, with what would help; empty when it does."""
    if inventory is None:
        return "its agent sends no heartbeat: start it there with `webprof agent`"
    for capability in inventory.capabilities:
        if capability.name == CAPABILITY:
            return "" if capability.available else "; ".join(filter(None, (capability.reason, capability.fix)))
    return "its agent is older than this server: update it"


def _require_valid(asked: Asked, names: Sequence[str]) -> None:
    try:
        _text.validate_python(asked.text)
    except ValidationError:
        raise InvalidError(
            f"program: 1 to {MAX_PROGRAM:,} characters, none of them NUL; this has {len(asked.text):,}", "program"
        ) from None
    if not asked.text.strip():
        raise InvalidError("program: there is nothing in it", "program")
    if not MIN_DURATION_S <= asked.duration_s <= MAX_DURATION_S:
        raise InvalidError(
            f"duration_s: {MIN_DURATION_S} to {MAX_DURATION_S} seconds, not {asked.duration_s}", "duration_s"
        )
    if not 0 < len(names) <= MAX_HOSTS:
        raise InvalidError(f"hosts: {len(names)} given; choose 1 to {MAX_HOSTS}", "hosts")


def _require_ready(names: Iterable[str]) -> None:
    alive = heartbeats.of(names)
    register(alive)
    known = Host.objects.in_bulk(list(names))
    for name in names:
        if name not in known:
            raise UnknownHostError(name)
        if name not in alive:
            raise DeadHostError(name, f"for {timesince(known[name].last_seen, timezone.now())}")
        if reason := blocker(alive[name]):
            raise ConflictError(f"host {name} runs no bpftrace programs: {reason}", "hosts")


class _BusyError(Exception):
    """Names the host."""


def _create_run(program: BpftraceProgram, host: str) -> BpftraceRun:
    try:
        with transaction.atomic():
            return BpftraceRun.objects.create(program=program, host=host)
    except IntegrityError as error:  # one_active_program_per_host
        if not BpftraceRun.objects.filter(ACTIVE, host=host).exists():
            raise
        raise _BusyError(host) from error


def _send(runs: Sequence[BpftraceRun]) -> None:
    try:
        for run in runs:
            program = run.program
            send_to_host(run.host, TASK_BPFTRACE, run=str(run.pk), program=program.text, duration_s=program.duration_s)
    except UnavailableError as error:
        for run in runs:
            finish(run, RunState.FAILED, error.message)
        raise
