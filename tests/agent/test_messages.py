"""Messages that are not what an agent accepts: refused by name, and the agent goes on."""

import base64
import json
import uuid
from typing import Any

import pytest

from profiler.core.channel import TASK_CANCEL, TASK_RECORD, RunState, host_queue
from tests.agent.servers import Agent, Server, wait_for

pytestmark = [pytest.mark.bpf, pytest.mark.redis]


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"frequency": 0}, ["spec.frequency=0", "greater than or equal to 1"]),
        ({"frequency": 10**6}, ["spec.frequency=1000000", "less than or equal to 999"]),
        ({"frequency": 99, "count": 10**7}, ["frequency and count exclude each other"]),
        ({"duration_s": -1}, ["spec.duration_s=-1"]),
        ({"duration_s": "soon"}, ["spec.duration_s='soon'"]),
        ({"pids": [0]}, ["spec.pids.0=0"]),
        ({"pids": list(range(1, 2000))}, ["spec.pids", "1024"]),
        ({"cgroup": "docker"}, ["spec.cgroup='docker'"]),
        ({"probe": "bpftrace"}, ["spec.probe='bpftrace'", "cpu"]),
        ({"probe": "off_cpu", "parameters": {"least_us": -1}}, ["spec.probe='off_cpu'", "least_us=-1"]),
        ({"probe": "off_cpu", "parameters": {"colour": 1}}, ["has no parameter colour"]),
        ({"shell": "rm -rf /"}, ["spec.shell is not a field"]),
    ],
)
def test_a_wrong_spec_fails_the_run_naming_field_value_and_what_is_allowed(
    shared_server: Server, spec: dict[str, Any], says: list[str]
) -> None:
    run = shared_server.record(**spec)
    end = shared_server.wait_for_end(run)
    assert end.state is RunState.FAILED
    assert all(text in end.message for text in says), end.message
    assert end.message.startswith(f"{TASK_RECORD}: ")


@pytest.mark.parametrize(
    ("task", "kwargs", "says"),
    [
        (TASK_RECORD, {}, "spec is missing"),
        (TASK_RECORD, {"spec": "all"}, "spec='all'"),
        (TASK_RECORD, {"spec": {}, "user": "root"}, "user is not a field"),
        (TASK_CANCEL, {"force": True}, "force is not a field"),
        ("webprof.rekord", {"spec": {}}, "'webprof.rekord' is not one of webprof.record, webprof.cancel"),
        ("celery.map", {"spec": {}}, "'celery.map' is not one of"),
    ],
)
def test_a_wrong_call_fails_the_run_it_names(
    shared_server: Server, task: str, kwargs: dict[str, Any], says: str
) -> None:
    run = str(uuid.uuid4())
    shared_server.send(task, kwargs={"run": run, **kwargs})
    end = shared_server.wait_for_end(run)
    assert end.state is RunState.FAILED
    assert says in end.message


def test_too_many_arguments_are_counted(shared_server: Server) -> None:
    run = str(uuid.uuid4())
    shared_server.send(TASK_RECORD, args=(run, {}, 3, 4))
    assert "4 positional arguments" in shared_server.wait_for_end(run).message


def test_positional_arguments_work_too(shared_server: Server) -> None:
    run = str(uuid.uuid4())
    shared_server.send(TASK_RECORD, args=(run, {"duration_s": 0.5}))
    assert shared_server.wait_for_end(run).state is RunState.DONE


@pytest.mark.parametrize("run", [None, 7, "", "../../etc/passwd", "A" * 36, {"id": 1}])
def test_a_message_without_a_readable_run_is_logged_and_reported_to_nobody(
    shared_agent: Agent, shared_server: Server, run: object
) -> None:
    before = shared_agent.log.count("refused")
    reports = shared_server.redis.client.xlen("webprof:runs")
    shared_server.send(TASK_RECORD, kwargs={"run": run, "spec": {}})
    assert wait_for(lambda: shared_agent.log.count("refused") > before, "the refusal in the log")
    assert shared_server.redis.client.xlen("webprof:runs") == reports


def test_a_wrong_message_about_the_run_being_recorded_does_not_end_it(shared_server: Server) -> None:
    run = shared_server.record(duration_s=2)
    shared_server.wait_for_state(run, RunState.RECORDING)
    shared_server.record(run, frequency=0)
    assert shared_server.wait_for_end(run).state is RunState.DONE


def envelope(body: object, headers: dict[str, Any], **properties: Any) -> bytes:
    """A message as Kombu puts it into a Redis list."""
    return json.dumps(
        {
            "body": base64.b64encode(json.dumps(body).encode()).decode(),
            "content-type": "application/json",
            "content-encoding": "utf-8",
            "headers": headers,
            "properties": {
                "delivery_tag": str(uuid.uuid4()),
                "delivery_info": {"exchange": "", "routing_key": "x"},
                "body_encoding": "base64",
                **properties,
            },
        }
    ).encode()


RECORD = {"task": TASK_RECORD, "id": "1", "lang": "py"}


@pytest.mark.parametrize(
    "message",
    [
        envelope([], RECORD),
        envelope([1, 2, 3], RECORD),
        envelope("text", RECORD),
        envelope({"args": 1}, RECORD),
        envelope([[], {}, {}], {**RECORD, "eta": "yesterday"}),
        envelope([[], {}, {}], {**RECORD, "expires": [1]}),
        envelope([[], {}, {}], {"task": TASK_RECORD}),
        envelope([[], {}, {}], {"task": {"a": 1}, "id": "1"}),
        envelope([[], {}, {}], {"task": "webprof.other"}),
        envelope([], {}),
        envelope(None, {"task": None, "id": None}),
        envelope([[], {}, {"chain": [{"task": "x"}], "chord": 1, "callbacks": 3}], RECORD),
        envelope([["x" * 10**6], {}, {}], RECORD),
    ],
)
def test_a_malformed_message_does_not_stop_the_agent(
    shared_agent: Agent, shared_server: Server, message: bytes
) -> None:
    shared_server.redis.client.lpush(host_queue(shared_agent.host), message)
    run = shared_server.record(duration_s=0.3)
    assert shared_server.wait_for_end(run).state is RunState.DONE


@pytest.mark.parametrize("content_type", ["application/x-python-serialize", "application/x-yaml", "text/plain"])
def test_only_json_is_read(shared_agent: Agent, shared_server: Server, content_type: str) -> None:
    pickled = json.loads(envelope([[], {}, {}], RECORD)) | {"content-type": content_type}
    shared_server.redis.client.lpush(host_queue(shared_agent.host), json.dumps(pickled))
    run = shared_server.record(duration_s=0.3)
    assert shared_server.wait_for_end(run).state is RunState.DONE


def test_bytes_that_are_no_message_at_all_leave_a_working_agent(shared_agent: Agent, shared_server: Server) -> None:
    shared_server.redis.client.lpush(host_queue(shared_agent.host), b"\xff not json")
    run = shared_server.record(duration_s=0.3)
    assert shared_server.wait_for_end(run).state is RunState.DONE
