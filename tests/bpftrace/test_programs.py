"""Programs from the press of a button to their results: refused with reasons, sent, followed, kept, forgotten."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from profiler import access
from profiler.bpftrace.programs import Asked, start, stop
from profiler.bpftrace.retention import RECORD_KEPT, RESULTS_KEPT, clean_programs
from profiler.bpftrace.showing import marked_lines, results_of, shown, stack_tree
from profiler.bpftrace.states import OVERDUE_S, give_up_lost
from profiler.core.bpftrace.problems import Problem
from profiler.core.channel import RunState
from profiler.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from profiler.ingest.queue import REJECTED_STREAM
from profiler.jobs.errors import DeadHostError, UnknownHostError
from profiler.jobs.tasks import PICKUP_S
from profiler.models import BpftraceProgram, BpftraceResults, BpftraceRun
from tests import personas
from tests.agent_double import AgentDouble
from tests.bpftrace_double import TEXT, ended_program, queued_run, report, results, send, trusted

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tracer(owner: User) -> User:
    return trusted(owner)


def test_an_operator_needs_the_group_and_the_group_needs_an_operator(owner: User, agent: AgentDouble) -> None:
    staff = User.objects.create_user("sue", is_staff=True)
    assert [access.may_trace(user) for user in (owner, staff, trusted(personas.viewer()))] == [False] * 3
    with pytest.raises(ForbiddenError, match="group bpftrace"):
        start(owner, Asked(TEXT, ["web-1"]))
    assert [access.may_trace(trusted(user)) for user in (owner, staff)] == [True, True]
    assert access.may_trace(personas.admin())


def test_the_hosts_queue_gets_the_program(tracer: User, agent: AgentDouble) -> None:
    program = start(tracer, Asked(TEXT, ["web-1"], 5, "mine"))
    message = json.loads(agent.redis.lpop("host.web-1"))
    _, kwargs, _ = json.loads(base64.b64decode(message["body"]))
    assert message["headers"]["task"] == "webprof.bpftrace"
    assert kwargs == {"run": str(program.runs.get().pk), "program": TEXT, "duration_s": 5}
    assert (program.owner_name, program.title) == ("olga", "mine")


@pytest.mark.parametrize(
    ("asked", "field", "says"),
    [
        (Asked("", ["web-1"]), "program", "1 to 32,768 characters"),
        (Asked(" \n", ["web-1"]), "program", "nothing in it"),
        (Asked("x" * 32_769, ["web-1"]), "program", "32,769"),
        (Asked("a\0", ["web-1"]), "program", "NUL"),
        (Asked(TEXT, []), "hosts", "choose 1 to 100"),
        (Asked(TEXT, ["web-1"], 0), "duration_s", "1 to 600"),
        (Asked(TEXT, ["web-1"], 601), "duration_s", "1 to 600"),
    ],
)
def test_what_can_not_run_is_refused_by_name(
    tracer: User, agent: AgentDouble, asked: Asked, field: str, says: str
) -> None:
    with pytest.raises(InvalidError, match=says) as refused:
        start(tracer, asked)
    assert refused.value.field == field
    assert not BpftraceProgram.objects.exists()


def test_hosts_that_are_gone_unknown_or_do_not_allow_it_say_so(tracer: User, agent: AgentDouble) -> None:
    AgentDouble(agent.redis, "web-2").beat(can_record=False)
    with pytest.raises(ConflictError, match="web-2 runs no bpftrace programs: not allowed"):
        start(tracer, Asked(TEXT, ["web-1", "web-2"]))
    with pytest.raises(UnknownHostError):
        start(tracer, Asked(TEXT, ["nowhere"]))
    agent.die()
    with pytest.raises(DeadHostError):
        start(tracer, Asked(TEXT, ["web-2", "web-1"][1:]))
    assert not BpftraceProgram.objects.exists()


def test_a_host_runs_one_program_at_a_time(tracer: User, agent: AgentDouble) -> None:
    start(tracer, Asked(TEXT, ["web-1"]))
    with pytest.raises(ConflictError, match="one at a time"):
        start(tracer, Asked(TEXT, ["web-1"]))
    assert BpftraceProgram.objects.count() == 1


def test_a_run_follows_its_agent_and_keeps_its_results(tracer: User, agent: AgentDouble) -> None:
    run = queued_run(tracer)
    send(agent, report(run, RunState.STARTING))
    run.refresh_from_db()
    assert run.state == RunState.STARTING
    told = report(run, RunState.DONE, results(), elapsed_s=3.5)
    for _ in range(2):
        send(agent, told)
    send(agent, report(run, RunState.STARTING))
    run.refresh_from_db()
    assert (run.state, run.elapsed_s) == (RunState.DONE, 3.5)
    assert results_of(run) == told


def test_results_of_another_host_and_of_no_run_are_set_aside(tracer: User, agent: AgentDouble) -> None:
    run = queued_run(tracer)
    send(agent, report(run, RunState.DONE, host="web-2"))
    send(agent, report(BpftraceRun(host="web-1"), RunState.DONE))
    agent.redis.xadd("webprof:bpftrace", {"data": b"no report"})
    send(agent, report(run, RunState.STARTING))
    run.refresh_from_db()
    reasons = [fields[b"reason"].decode() for _, fields in agent.redis.xrange(REJECTED_STREAM)]
    assert run.state == RunState.STARTING
    for word, reason in zip(("of host web-1", "does not exist", "bpftrace:"), reasons, strict=True):
        assert word in reason


def test_a_run_that_nobody_picked_up_or_ended_is_given_up_and_a_late_result_replaces_that(
    tracer: User, agent: AgentDouble
) -> None:
    waiting, silent, hanging = (queued_run(tracer, host) for host in ("web-1", "web-2", "web-3"))
    send(agent, report(hanging, RunState.STARTING))
    send(agent, report(silent, RunState.STARTING))
    age = timedelta(seconds=OVERDUE_S + 11)
    BpftraceRun.objects.exclude(pk=waiting.pk).update(created_at=timezone.now() - age)
    BpftraceRun.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(seconds=PICKUP_S + 1))
    give_up_lost({"web-1", "web-3"})
    told = dict(BpftraceRun.objects.values_list("host", "message"))
    assert "did not start" in told["web-1"]
    assert "went silent" in told["web-2"]
    assert "sent no result" in told["web-3"]
    send(agent, report(silent, RunState.DONE, results()))
    silent.refresh_from_db()
    assert (silent.state, silent.message) == (RunState.DONE, "")


def test_a_run_that_nobody_picked_up_is_stopped_at_once(tracer: User, agent: AgentDouble) -> None:
    run = start(tracer, Asked(TEXT, ["web-1"])).runs.get()
    stop(tracer, run.pk)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    with pytest.raises(ConflictError, match="already cancelled"):
        stop(tracer, run.pk)


def test_results_go_before_the_record_of_who_ran_what(tracer: User, agent: AgentDouble) -> None:
    run = ended_program(tracer, agent)
    tracer.delete()
    _age(run, RESULTS_KEPT)
    clean_programs()
    assert not BpftraceResults.objects.exists()
    assert BpftraceProgram.objects.get().owner_name == "olga"
    assert shown(BpftraceRun.objects.get(), None)["results"] is None
    _age(run, RECORD_KEPT)
    clean_programs()
    assert not BpftraceProgram.objects.exists()


def _age(run: BpftraceRun, past: timedelta) -> None:
    then = timezone.now() - past - timedelta(hours=1)
    BpftraceRun.objects.filter(pk=run.pk).update(created_at=then)
    BpftraceProgram.objects.filter(pk=run.program_id).update(created_at=then)


def test_stacks_are_a_tree_and_what_is_none_is_not_found(tracer: User, agent: AgentDouble) -> None:
    run = ended_program(tracer, agent)
    assert stack_tree(run, "@stacks")[:4] == b"WPT1"
    for name in ("@n", "@nothing", "\0"):
        with pytest.raises(NotFoundError, match="has no stacks"):
            stack_tree(run, name)


def test_a_page_gets_rows_that_can_be_read_and_hears_of_the_others(tracer: User, agent: AgentDouble) -> None:
    said = json.dumps({"type": "map", "data": {"@start": {str(key): 1 for key in range(1009)}}}).encode() + b"\n"
    text = "t:a:b { @start[tid] = nsecs; } t:a:c { delete(@start[tid]); }"
    run = ended_program(tracer, agent, results(said, text=text), text)
    told: dict[str, Any] = shown(run, results_of(run))["results"]["maps"][0]
    assert (len(told["rows"]), told["left_out"], told["helper"]) == (200, 809, True)


def test_a_mistake_is_marked_in_its_line() -> None:
    lines = marked_lines("BEGIN {\n  nosuch(5);\n}", [Problem(line=2, column=3, end=9, text="Unknown function")])
    assert [line.marked for line in lines] == ["", "nosuch", ""]
    assert lines[1].says == ("column 3: Unknown function",)
    beyond = marked_lines("a", [Problem(line=1, column=9, end=9, text="end of file"), Problem(line=7, text="?")])
    assert [(line.before, line.marked) for line in beyond] == [("a", "")]
