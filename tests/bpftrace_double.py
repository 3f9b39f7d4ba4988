"""Plays the agent's part for bpftrace programs, at the real Redis and database."""

from django.contrib.auth.models import Group, User

from profiler.access import TRACERS
from profiler.bpftrace.taking import PROGRAMS
from profiler.core.bpftrace.channel import BPFTRACE_STREAM, live_results_key
from profiler.core.bpftrace.collector import Collector
from profiler.core.bpftrace.results import ProgramReport, Results, encode
from profiler.core.channel import RunState
from profiler.ingest import queue
from profiler.models import BpftraceProgram, BpftraceRun
from tests.agent_double import AgentDouble

TEXT = "uprobe:/bin/true:main { @n = count(); @stacks[ustack] = count(); }"
SAID = (
    b'{"type": "attached_probes", "data": {"probes": 1}}\n{"type": "printf", "data": "hit\\n"}\n'
    b'{"type": "map", "data": {"@n": 7}}\n{"type": "map", "data": {"@stacks": {"\\n    work+4\\n    main+9\\n": 7}}}\n'
)


def trusted(user: User) -> User:
    """In the group of those who may run programs."""
    user.groups.add(Group.objects.get_or_create(name=TRACERS)[0])
    return user


def results(said: bytes = SAID, errors: bytes = b"", text: str = TEXT) -> Results:
    collector = Collector(text)
    collector.feed(said, 100)
    collector.feed_errors(errors)
    collector.end()
    return collector.results()


def queued_run(owner: User, host: str = "web-1", text: str = TEXT) -> BpftraceRun:
    """As if it had been started: nothing is sent to a host."""
    program = BpftraceProgram.objects.create(owner=owner, owner_name=owner.get_username(), text=text, duration_s=10)
    return BpftraceRun.objects.create(program=program, host=host)


def report(run: BpftraceRun, state: RunState, said: Results | None = None, **more: object) -> ProgramReport:
    fields = {"run": str(run.pk), "host": run.host, "state": state, "at_ns": 1, **more}
    return ProgramReport.model_validate(fields | {"results": said or Results()})


def send(agent: AgentDouble, told: ProgramReport) -> None:
    agent.redis.xadd(BPFTRACE_STREAM, {"data": encode(told)})
    queue.drain(agent.redis, PROGRAMS)


def show(agent: AgentDouble, told: ProgramReport) -> None:
    """Live, as it runs."""
    agent.redis.xadd(live_results_key(told.run), {"data": encode(told)}, maxlen=1, approximate=False)


def ended_program(owner: User, agent: AgentDouble, said: Results | None = None, text: str = TEXT) -> BpftraceRun:
    run = queued_run(owner, agent.host, text)
    send(agent, report(run, RunState.DONE, said or results(), elapsed_s=10))
    run.refresh_from_db()
    return run
