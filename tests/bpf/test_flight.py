"""The flight recorder on a real kernel: what happened before anybody asked is in the frozen profile."""

import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.process_storm import Storm, process_storm
from profiler.agent import flight
from profiler.agent.cost import budget
from profiler.agent.cost.budget import Budget
from profiler.agent.cost.governor import Governor
from profiler.agent.flight import FlightError, FlightRecorder
from profiler.agent.flight_buffer import FlightBuffer
from profiler.agent.sampling.events import TIMES_LOST
from profiler.core import batch
from profiler.core.flight import FlightSettings
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.conftest import Build
from tests.bpf.harness import record, running, samples_by_thread, stacks
from tests.bpf.test_recording import own_programs

pytestmark = pytest.mark.bpf
# A freeze waits ten seconds at most for what is being read, which a busy machine makes it do each time.
PATIENCE_S = 180


@contextmanager
def flying(
    directory: Path,
    buffer: FlightBuffer | None = None,
    frequency: int = 99,
    governor: Governor | None = None,
    minutes: int = 1,
) -> Iterator[FlightRecorder]:
    recorder = FlightRecorder("web-1", directory, buffer, governor)
    recorder.start()
    try:
        recorder.configure(FlightSettings(on=True, minutes=minutes, frequency=frequency))
        yield recorder
    finally:
        recorder.stop(PATIENCE_S)


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def frozen(recorder: FlightRecorder, seconds: float = 60) -> Profile:
    return recorder.freeze(seconds, ProfileMeta(host="web-1")).profile


def functions(profile: Profile, process: "subprocess.Popen[str]") -> set[str]:
    """Of that process: the whole host is sampled, and others may run the same program."""
    return {name for stack in stacks(profile, process.pid) for name in stack}


def each_has_its_time(profile: Profile) -> bool:
    """But those whose times had no room on a busy machine, which are counted."""
    timeless = profile.quality.skipped.get(TIMES_LOST, 0)
    return len(profile.times) + timeless == profile.total == profile.quality.samples


def can_freeze(recorder: FlightRecorder) -> bool:
    try:
        return frozen(recorder).total > 0
    except FlightError:
        return False


def until_sampled(recorder: FlightRecorder, process: "subprocess.Popen[str]", function: str = "heavy") -> None:
    def sampled() -> bool:
        try:
            return function in functions(frozen(recorder), process)
        except FlightError:
            return False

    until(sampled, "it is not sampled")


def test_a_burst_before_the_freeze_is_in_it(build: Build, tmp_path: Path) -> None:
    with flying(tmp_path) as recorder:
        with running(build("busy")) as burst:
            until_sampled(recorder, burst)
        quiet_ns = time.time_ns()
        time.sleep(0.5)
        profile = frozen(recorder)
    assert "heavy" in functions(profile, burst), "it is over, and nobody had asked"
    assert each_has_its_time(profile)
    assert (profile.times.cpu >= 0).all()
    last_ns = max(at for at, row in zip(profile.times.at_ns.tolist(), profile.times.row.tolist(), strict=True)
                  if profile.threads[profile.thread[row]].pid == burst.pid)  # fmt: skip
    assert profile.meta.start_ns + last_ns < quiet_ns


@pytest.mark.alone
def test_what_a_storm_of_processes_used_is_in_the_freeze_and_nothing_twice(tmp_path: Path) -> None:
    """Each lives for about a millisecond: nearly all are gone when their stacks are read."""
    with flying(tmp_path, minutes=5) as recorder:
        until(lambda: can_freeze(recorder), "nothing is sampled")
        with process_storm() as storm:
            until(lambda: storm.used_s() > 2, "the storm has no CPU")
            storm.end()
        charged = storm.charged_s * 99
        chance = 4 * charged**0.5
        # On a busy machine a freeze does not wait for what is still being read.
        until(lambda: storm_of(frozen(recorder, 300))[0] > charged - chance, "not all of the storm is sampled")
        profile = frozen(recorder, 300)
    sampled, processes = storm_of(profile)
    assert charged - chance < sampled < charged + chance
    assert processes > 50
    assert (profile.quality.lost_total, profile.quality.thinned) == (0, 0)
    assert len(profile.times) == profile.total == profile.quality.samples


def storm_of(profile: Profile) -> tuple[int, int]:
    """Its samples, and of how many processes."""
    own = Counter[int]()
    for (pid, _, comm), count in samples_by_thread(profile).items():
        if comm in Storm.names:
            own[pid] += count
    return own.total(), len(own)


def test_a_shorter_freeze_leaves_out_what_was_before(build: Build, tmp_path: Path) -> None:
    with flying(tmp_path) as recorder:
        with running(build("busy")) as burst:
            until_sampled(recorder, burst)
        ended = time.monotonic()
        with running(build("syscalls")) as later:
            until_sampled(recorder, later, "main")
            profile = frozen(recorder, time.monotonic() - ended)
    assert "heavy" not in functions(profile, burst)
    assert profile.total > 0
    assert profile.meta.duration_ns < 20 * 10**9


def test_frozen_twice_at_once_both_have_what_was_held(build: Build, tmp_path: Path) -> None:
    with flying(tmp_path) as recorder:
        with running(build("busy")) as burst:
            until_sampled(recorder, burst)
        before = frozen(recorder).total
        with ThreadPoolExecutor(4) as pool:
            profiles = list(pool.map(lambda _: frozen(recorder), range(4)))
        assert all("heavy" in functions(profile, burst) for profile in profiles)
        assert all(profile.total >= before for profile in profiles)
        after = frozen(recorder)
        assert after.total >= max(profile.total for profile in profiles)
        assert each_has_its_time(after), "a reading is kept once"


def test_memory_stays_bounded_whatever_is_sampled(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flight, "PART_S", 0.2)
    buffer = FlightBuffer(max_bytes=500_000)  # on a busy machine a part may have many seconds
    with flying(tmp_path, buffer) as recorder, running(build("unique")):
        until(lambda: recorder.state().dropped > 2, "nothing had to be dropped")
        state = recorder.state()
        assert 0 < state.bytes <= 500_000
        assert frozen(recorder).total > 0


def test_it_rests_while_somebody_records_and_keeps_what_it_has(build: Build, tmp_path: Path) -> None:
    with flying(tmp_path) as recorder:
        with running(build("busy")) as burst:
            until_sampled(recorder, burst)
        with recorder.resting():
            until(lambda: not recorder._sampling, "it goes on sampling")
            assert not own_programs()
            held = recorder.state().held_s
            with running(build("busy")) as process:
                profile = record(RecordingSpec(frequency=499, pids=(process.pid,)), 1)
            assert "heavy" in functions(profile, process)
            assert recorder.state().held_s == held
        until(lambda: recorder.state().held_s > held, "it does not go on")
        after = frozen(recorder)
    assert "heavy" in functions(after, burst)
    assert process.pid not in {thread.pid for thread in after.threads}


def test_switched_off_it_forgets_and_leaves_no_program(tmp_path: Path) -> None:
    with flying(tmp_path) as recorder:
        until(lambda: can_freeze(recorder), "nothing is sampled")
        recorder.configure(FlightSettings(on=False))
        until(lambda: recorder.state().held_s == 0, "it holds what it had")
        with pytest.raises(FlightError, match="is off"):
            frozen(recorder)


def test_over_its_limits_it_pauses_says_why_and_keeps_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flight, "CHECK_S", 0.2)
    monkeypatch.setattr(flight, "PART_S", 1.0)
    with flying(tmp_path, governor=Governor(Budget(cpu_share=None, memory_bytes=1 << 20))) as recorder:
        until(lambda: "of memory, its limit is 1 MiB" in recorder.state().problem, "the limit is not noticed")
        until(lambda: not recorder._sampling, "it goes on sampling")
        assert not own_programs()
        held = recorder.state().held_s
        assert held > 0
        an_hour_later_ns = time.time_ns() + 3600 * 10**9
        monkeypatch.setattr(time, "time_ns", lambda: an_hour_later_ns)
        profile, missing = recorder.freeze(60, ProfileMeta(host="web-1"))
    assert profile.total > 0
    assert profile.meta.duration_ns == pytest.approx(held * 1e9, rel=0.01)
    assert re.match(
        r"nothing was sampled in the 36\d\d s before the freeze: the agent holds \d+ MiB of memory", missing
    )


def test_a_limit_of_cpu_lowers_its_rate_and_the_values_still_say_what_was_used(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flight, "CHECK_S", 0.2)
    monkeypatch.setattr(flight, "PART_S", 1.0)
    monkeypatch.setattr(budget, "BURST_NS", 10**6)
    governor = Governor(Budget(cpu_share=1e-6, memory_bytes=None))
    with flying(tmp_path, governor=governor) as recorder, running(build("busy")):
        until(lambda: governor.factor > 1 and can_freeze(recorder), "the rate is not lowered")
        until(lambda: frozen(recorder).quality.thinned > 0, "no sample weighs more")
        profile = frozen(recorder)
    assert profile.total == profile.quality.samples + profile.quality.thinned


def test_an_error_is_told_and_what_was_sampled_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with flying(tmp_path) as recorder:
        until(lambda: can_freeze(recorder), "nothing is sampled")
        monkeypatch.setattr(batch, "encode", lambda _profile: 1 / 0)
        before = recorder.state().held_s
        frozen(recorder)
        assert "division by zero" in recorder.state().problem
        assert recorder.state().held_s == before
