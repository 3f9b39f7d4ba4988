"""Functions and probes of programs that somebody names, on the real kernel: each call of a known load counts."""

import os
from pathlib import Path

import pytest

from profiler.agent.sampling.recording import Recording, RecordingError
from profiler.core.profile import ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.conftest import Build
from tests.bpf.harness import stacks
from tests.bpf.test_event_stacks import of, through
from tests.bpf.waiting import recorded, waiter

pytestmark = pytest.mark.bpf


@pytest.mark.parametrize("at", ["call", "return"])
def test_each_call_of_a_named_function_counts_where_it_is_called(build: Build, at: str) -> None:
    file = build("events")
    named = {"file": str(file), "function": "called", "at": at}
    with waiter(file) as target, recorded(of(target, "function", parameters=named)) as found:
        target.does("enter", 997)
        target.does("call", 3)
    assert through(found[0], "enterer")[0] == found[0].total == 997
    assert any("called" in stack for stack in stacks(found[0])) == (at == "call")
    assert found[0].meta.unit == "calls"


def test_each_pass_of_a_programs_own_probe_counts(build: Build) -> None:
    file = build("events")
    named = {"file": str(file), "name": "webprof:passed"}
    with waiter(file) as target, recorded(of(target, "usdt", parameters=named)) as found:
        target.does("probe", 499)
    assert through(found[0], "passer")[0] == found[0].total == 499


@pytest.mark.parametrize(
    ("probe", "parameters", "says"),
    [
        ("function", {"file": "/nowhere/at/all"}, "/nowhere/at/all can't be read: No such file"),
        ("function", {"file": "/etc/passwd"}, "/etc/passwd is no program"),
        ("function", {"function": "enterr"}, "has no function enterr; it has .*enterer"),
        ("usdt", {"name": "webprof:past"}, "has no probe webprof:past; it has webprof:passed"),
        ("usdt", {"file": "/usr/bin/true"}, "has no probe .*: it has none at all"),
        ("function", {"file": "events"}, "must be a path"),
    ],
)
def test_a_place_that_is_not_there_is_told(build: Build, probe: str, parameters: dict[str, str], says: str) -> None:
    spec = RecordingSpec(probe=probe, parameters={"file": str(build("events"))} | parameters)
    with pytest.raises(RecordingError, match=says):
        Recording(spec, ProfileMeta()).start()


def test_nobody_can_name_a_place_in_a_process_that_is_gone(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    with pytest.raises(RecordingError):
        Recording(RecordingSpec(probe="function", pids=(child,)), ProfileMeta()).start()


def test_each_byte_that_is_allocated_counts(build: Build) -> None:
    with waiter(build("events")) as target, recorded(of(target, "allocations")) as found:
        target.does("allocate", 307, 1009)
        target.does("all", 1)
    assert through(found[0], "allocator")[0] == 307 * 1009
    assert through(found[0], "all_allocators")[0] == 7 * 11 + 13 + 4001 + 192 + 499 + 17
    assert found[0].meta.unit == "bytes"


@pytest.mark.parametrize("pids", [(), (1, 2)])
def test_allocations_are_those_of_one_process(pids: tuple[int, ...]) -> None:
    with pytest.raises(RecordingError, match="allocations are those of one process: give one pid"):
        Recording(RecordingSpec(probe="allocations", pids=pids), ProfileMeta()).start()


def test_what_is_not_freed_is_told_when_the_recording_ends(build: Build) -> None:
    leaks = {"kept": True}
    with waiter(build("events")) as target, recorded(of(target, "allocations", parameters=leaks)) as found:
        target.does("allocate", 307, 1009)
        target.does("all", 1)
    assert through(found[0], "allocator")[0] == 103 * 1009, "every third one, from the first on"
    assert through(found[0], "all_allocators")[0] == 7 * 11 + 4001 + 192 + 499
    assert not found[0].quality.lost
    assert found[0].quality.samples == 103 + 4
