"""Off-CPU time on the real kernel: as much as the kernel's own clocks say that threads waited, and what for."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from profiler.agent.sampling import frame_table, value_collector, value_options, value_stacks
from profiler.agent.sampling import recording as recording_module
from profiler.agent.sampling.recording import Recording
from profiler.agent.sampling.value_stacks import ValueStacks
from profiler.core.cut import EARLIER, only
from profiler.core.profile import ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.agent.servers import wait_for
from tests.bpf.cgroup_directories import cgroup, mount
from tests.bpf.conftest import Build
from tests.bpf.harness import PATIENCE_S, stacks
from tests.bpf.waiting import Waiter, recorded, through, waiter

pytestmark = pytest.mark.bpf

# The promise is 2 %; what a thread does on its CPU is told apart, so that how busy the machine is changes nothing.
MAX_ERROR = 0.02


def off_cpu(target: Waiter, **more: object) -> RecordingSpec:
    return RecordingSpec.model_validate({"probe": "off_cpu", "pids": (target.pid,), **more})


def test_sleeps_take_as_long_as_the_clock_says(build: Build) -> None:
    with waiter(build("waits")) as target:
        with recorded(off_cpu(target)) as found:
            spent = target.does("sleep", 13, 20)
        profile = found[0]
    assert (profile.meta.kind, profile.meta.probe, profile.meta.unit) == ("off_cpu", "off_cpu", "nanoseconds")
    assert profile.meta.period_ns == 0
    waited = through(profile, "sleeper")
    assert abs(waited.total() - spent.waited_ns) < MAX_ERROR * spent.waited_ns
    assert waited["[sleep]"] >= 13 * 20_000_000, "a sleep is never shorter than it was asked for"
    assert not profile.quality.lost
    assert profile.quality.outcomes["end"] >= 13


def test_waits_for_a_lock_and_for_a_disk_are_told_apart(build: Build, tmp_path: Path) -> None:
    with waiter(build("waits")) as target, recorded(off_cpu(target)) as found:
        target.does("lock", 3, 50)
        target.does("disk", 5, tmp_path / "file")
    assert through(found[0], "locker")["[lock]"] > 0
    assert through(found[0], "holder")["[sleep]"] >= 3 * 50_000_000
    assert not through(found[0], "locker")["[sleep]"]


def test_waits_outside_of_the_bounds_are_left_out(build: Build) -> None:
    spec = {"parameters": {"least_us": 100_000, "most_us": 3_000_000_000}}
    with waiter(build("waits")) as target, recorded(off_cpu(target, **spec)) as found:
        target.does("sleep", 3, 20)
        spent = target.does("sleep", 2, 150)
    waited = through(found[0], "sleeper")["[sleep]"]
    assert 2 * 150_000_000 <= waited <= spent.elapsed_ns


def test_a_wait_from_before_until_after_the_recording_is_all_of_it(build: Build) -> None:
    with waiter(build("waits")) as target:
        with recorded(off_cpu(target)) as found:
            time.sleep(0.3)
        profile = found[0]
    assert abs(profile.total - profile.meta.duration_ns) < MAX_ERROR * profile.meta.duration_ns
    ((state, cut, *kernel), _), *others = stacks(profile).most_common()
    assert (state, cut) == ("[events]", f"[cut: {EARLIER}]")
    assert any("read" in name for name in kernel)
    assert not others
    assert profile.quality.outcomes == {EARLIER: 1}
    assert only(profile, "cut").total == profile.total


def test_a_wait_that_goes_on_counts_until_the_end_with_its_stack(build: Build) -> None:
    with waiter(build("waits")) as target:
        with recorded(off_cpu(target)) as found:
            before_ns = time.monotonic_ns()
            spent = target.does("sleep", 1, 10)
            asleep_ns = time.monotonic_ns()
            time.sleep(0.3)
            went_on_ns = time.monotonic_ns() - asleep_ns
        profile = found[0]
    reads = through(profile, "main")["[events]"]
    assert reads >= went_on_ns - (asleep_ns - before_ns)
    assert through(profile, "sleeper").total() <= spent.elapsed_ns
    assert profile.total <= profile.meta.duration_ns


def test_who_ended_a_wait_stands_behind_it(build: Build) -> None:
    with waiter(build("waits")) as target, recorded(off_cpu(target, parameters={"wakers": True})) as found:
        target.does("ping", 17)
        target.does("sleep", 3, 20)
    woken = [stack for stack in stacks(found[0]) if "ponger" in stack and "[woken by]" in stack]
    assert any("pinger" in stack[stack.index("[woken by]") :] for stack in woken)
    assert all(stack[stack.index("[woken by]") + 1] in ("waits", "[interrupt]") for stack in woken)
    timers = [stack for stack in stacks(found[0]) if "sleeper" in stack and "[interrupt]" in stack]
    assert timers, "a timer's interrupt ends a sleep, whatever program it interrupts"


def sleeps_of(build: Build, more: Callable[[Waiter], dict[str, object]]) -> tuple[int, int]:
    """Time that the target of a recording slept in it, and another process."""
    with (
        waiter(build("waits")) as target,
        waiter(build("waits")) as other,
        recorded(RecordingSpec.model_validate({"probe": "off_cpu", **more(target)})) as found,
    ):
        spent = target.does("sleep", 3, 20)
        other.does("sleep", 3, 20)
    slept = through(found[0], "sleeper", target.pid).total()
    assert slept <= spent.elapsed_ns
    return slept, through(found[0], "sleeper", other.pid).total()


def test_threads_and_names_are_targets_as_of_samples(build: Build) -> None:
    slept, others = sleeps_of(build, lambda target: {"tids": (target.pid,)})
    assert slept >= 3 * 20_000_000
    assert not others
    slept, others = sleeps_of(build, lambda _: {"comm": "waits"})
    assert min(slept, others) >= 3 * 20_000_000


@pytest.mark.parametrize("kind", ["cgroup2", "cgroup"])
def test_a_control_group_is_a_target_as_of_samples(build: Build, kind: str) -> None:
    with cgroup(mount(kind)) as (path, inner):

        def moved(target: Waiter) -> dict[str, object]:
            (inner / "cgroup.procs").write_text(str(target.pid))
            return {"cgroup": path}

        slept, others = sleeps_of(build, moved)
    assert slept >= 3 * 20_000_000
    assert not others


def test_children_are_followed_from_their_start(build: Build) -> None:
    with waiter(build("waits"), "sh", "-c", "$0; :") as shell, recorded(off_cpu(shell, children=True)) as found:
        shell.does("sleep", 3, 20)
    assert through(found[0], "sleeper").total() >= 3 * 20_000_000
    assert not through(found[0], "sleeper", shell.pid)


def test_no_events_are_counted_before_the_start_and_after_the_end(build: Build) -> None:
    with waiter(build("waits")) as target:
        recording = Recording(off_cpu(target), ProfileMeta())
        recording.prepare()
        target.does("sleep", 3, 20)
        recording.start()
        recording.halt()
        target.does("sleep", 3, 20)
        profile = recording.stop()
    assert not through(recording.named(profile), "sleeper")
    assert profile.total <= profile.meta.duration_ns


def rests(pid: int) -> bool:
    """Whether another thread than the first one waits."""
    others = [task for task in Path(f"/proc/{pid}/task").iterdir() if task.name != str(pid)]
    return any(task.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "S" for task in others)


def test_stacks_that_are_not_met_again_are_forgotten_and_none_is_lost(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recording of days meets new stacks all the time, and a wait may be as long."""
    kept: list[tuple[int, int]] = []
    forget = ValueStacks.forget_old

    def noted(stacks: ValueStacks, but: set[int]) -> None:
        forget(stacks, but)
        kept.append((len(stacks.stacks), len(stacks.threads)))

    monkeypatch.setattr(ValueStacks, "forget_old", noted)
    monkeypatch.setattr(value_stacks, "MAX_STACKS", 50)
    monkeypatch.setattr(frame_table, "MAX_FRAMES", 10)
    found = []
    with waiter(build("waits")) as target:
        recording = Recording(off_cpu(target), ProfileMeta())
        recording.start()
        target.does("rest", 0)
        wait_for(lambda: rests(target.pid), "the thread that rests")
        for part in range(7):
            target.does("ways", 59, 59 * part)
            found.append(recording.named(recording.poll(), PATIENCE_S))
        found.append(recording.named(recording.stop(), PATIENCE_S))
    ways = {
        tuple(frame for frame in stack if frame in ("left", "right"))
        for each in found
        for stack in stacks(each)
        if "way_end" in stack
    }
    assert len(ways) == 7 * 59
    assert through(found[-1], "rester").total() > 0
    assert not any(through(each, "[stack lost]") or each.quality.lost for each in found)
    assert len(kept) >= 3
    assert all(stacks < 3 * 59 and threads <= 3 for stacks, threads in kept), kept


def test_a_stack_without_room_loses_its_name_but_not_its_time(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (value_options, value_collector):
        monkeypatch.setattr(module, "VALUE_RING_BYTES", 4096)
    monkeypatch.setattr(recording_module, "LOOK_INTERVAL_S", 60.0)
    with waiter(build("waits")) as target:
        with recorded(off_cpu(target)) as found:
            spent = target.does("lock", 31, 3)
        profile = found[0]
    lost = profile.quality.lost["ring full"]
    assert lost > 0
    assert through(profile, "[stack lost]").total() > 0
    assert profile.total > spent.waited_ns * (1 - MAX_ERROR)
