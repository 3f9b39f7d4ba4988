"""Stacks at events on the real kernel: each event of a known load counts, once and where it happened."""

import os
from collections import Counter
from pathlib import Path

import pytest

from profiler.agent.sampling.recording import Recording, RecordingError
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.conftest import Build
from tests.bpf.harness import stacks
from tests.bpf.waiting import Waiter, recorded, waiter

pytestmark = pytest.mark.bpf

MS = 1_000_000


def of(target: Waiter, probe: str, **more: object) -> RecordingSpec:
    return RecordingSpec.model_validate({"probe": probe, "pids": (target.pid,), **more})


def through(profile: Profile, function: str) -> tuple[int, Counter[str]]:
    """The value of the stacks that have the function, and the same by their outermost frame."""
    found: Counter[str] = Counter()
    for stack, value in stacks(profile).items():
        if function in stack:
            found[stack[0]] += value
    return found.total(), found


def on_a_disk(directory: Path) -> Path:
    """A file of 199 pages whose blocks are there."""
    if os.major(directory.stat().st_dev) == 0:
        pytest.skip(f"{directory} is on no block device")
    file = directory / "file"
    with file.open("wb") as opened:
        opened.write(bytes(199 * 4096))
        os.fsync(opened.fileno())
    return file


def test_each_page_that_is_touched_first_is_a_fault(build: Build) -> None:
    with waiter(build("events")) as target, recorded(of(target, "page_faults")) as found:
        target.does("touch", 4999)
    profile = found[0]
    assert (profile.meta.kind, profile.meta.unit, profile.meta.period_ns) == ("page_faults", "faults", 0)
    assert through(profile, "toucher")[0] == 4999
    assert not profile.quality.lost
    assert profile.quality.samples == profile.total


def test_a_filter_that_nothing_fits_gives_an_empty_profile(build: Build) -> None:
    nobody = RecordingSpec(probe="page_faults", comm="nobody-is-named")
    with waiter(build("events")) as target, recorded(nobody) as found:
        target.does("touch", 101)
    profile = found[0]
    assert (len(profile), profile.total, profile.quality.samples, dict(profile.quality.lost)) == (0, 0, 0, {})


def test_bytes_of_a_disk_are_of_who_asks_for_them(build: Build, tmp_path: Path) -> None:
    file = on_a_disk(tmp_path)
    with waiter(build("events")) as target, recorded(of(target, "block_io")) as found:
        target.does("read", 199, file)
        target.does("write", 101, file)
    read, by_state = through(found[0], "disk_reader")
    assert (read, set(by_state)) == (199 * 4096, {"[read]"})
    assert through(found[0], "disk_writer")[1]["[write]"] == 101 * 4096
    assert found[0].meta.unit == "bytes"


def test_waits_for_a_programs_own_locks_are_as_long_as_they_were(build: Build) -> None:
    with waiter(build("events")) as target, recorded(of(target, "futex_waits")) as found:
        spent = target.does("futex", 13, 20)
    waited = through(found[0], "futex_waiter")[0]
    assert 13 * 20 * MS <= waited <= spent.elapsed_ns
    assert found[0].quality.samples == 13


def test_shorter_waits_are_left_out(build: Build) -> None:
    least = {"least_us": 60_000_000}
    with waiter(build("events")) as target, recorded(of(target, "futex_waits", parameters=least)) as found:
        target.does("futex", 13, 2)
    assert len(found[0]) == 0
    assert found[0].quality.samples == 0


def test_a_wait_for_a_kernels_lock_is_of_who_waits(build: Build, tmp_path: Path) -> None:
    with waiter(build("events")) as target, recorded(of(target, "lock_contention")) as found:
        spent = target.does("contend", 5, tmp_path / "file")
    waited, by_state = through(found[0], "file_locker")
    assert by_state["[rwsem, to write]"] == waited
    assert 5 * 20 * MS <= waited <= spent.elapsed_ns


@pytest.mark.parametrize(("what", "function"), [("map", "mapper"), ("break", "breaker")])
def test_what_a_program_grows_by_is_told_in_bytes(build: Build, what: str, function: str) -> None:
    with waiter(build("events")) as target, recorded(of(target, "memory_growth")) as found:
        target.does(what, 31, 7 * 4096)
    assert through(found[0], function)[0] == 31 * 7 * 4096
    assert found[0].meta.unit == "bytes"


def test_each_system_call_counts_by_its_name(build: Build) -> None:
    with waiter(build("events")) as target, recorded(of(target, "syscalls")) as found:
        target.does("call", 4999)
    assert through(found[0], "caller") == (4999, Counter({"[getppid]": 4999}))
    assert found[0].meta.unit == "calls"


def test_one_system_call_is_counted_alone(build: Build) -> None:
    only = {"call": "munmap"}
    with waiter(build("events")) as target, recorded(of(target, "syscalls", parameters=only)) as found:
        target.does("map", 101, 4096)
    assert through(found[0], "mapper") == (101, Counter({"[munmap]": 101}))
    assert {stack[0] for stack in stacks(found[0])} == {"[munmap]"}


def test_any_tracepoint_can_be_named(build: Build) -> None:
    named = {"event": "syscalls:sys_enter_getppid"}
    with waiter(build("events")) as target, recorded(of(target, "tracepoint", parameters=named)) as found:
        target.does("call", 997)
        target.does("map", 3, 4096)
    assert through(found[0], "caller")[0] == found[0].total == 997
    assert found[0].meta.kind == "tracepoint"


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ("lock:contention_start", r"no tracepoint lock:contention_start; lock has contention_"),
        ("nothing:at_all", "nor any of nothing: /sys/kernel/tracing/available_events lists"),
    ],
)
def test_a_tracepoint_that_is_not_there_is_told_with_those_that_are(event: str, says: str) -> None:
    recording = Recording(RecordingSpec(probe="tracepoint", parameters={"event": event}), ProfileMeta())
    with pytest.raises(RecordingError, match=says):
        recording.start()


def test_what_is_no_tracepoint_is_refused(build: Build) -> None:
    recording = Recording(RecordingSpec(probe="tracepoint", parameters={"event": "../../etc:x"}), ProfileMeta())
    with pytest.raises(RecordingError, match=r"must be category:event, such as block:block_rq_issue"):
        recording.start()
