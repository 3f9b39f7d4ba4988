"""Numbers that must come out: rates, shares, sums."""

import os
import time
from contextlib import ExitStack

import pytest

from profiler.agent.sampling import collector, filters, recording, recording_setup
from profiler.agent.sampling.recording import Recording
from profiler.core.frame import FrameKind
from profiler.core.profile import ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.conftest import Build
from tests.bpf.harness import NANOSECONDS, cpu_seconds, record, record_samples, running, share, stacks, stolen_seconds

pytestmark = pytest.mark.bpf

TOLERANCE = 0.02


@pytest.mark.alone
@pytest.mark.parametrize(("frequency", "length_s"), [(99, 4.0), (999, 1.5)])
def test_busy_cpus_give_frequency_times_seconds_times_cpus(build: Build, frequency: int, length_s: float) -> None:
    cpus = sorted(os.sched_getaffinity(0))
    with ExitStack() as workloads:
        for cpu in cpus:
            workloads.enter_context(running(build("busy"), cpu))
        stolen = stolen_seconds()
        profile = record(RecordingSpec(frequency=frequency), length_s, polls=4)
        seconds = len(cpus) * profile.meta.duration_ns / NANOSECONDS - (stolen_seconds() - stolen)
    assert profile.quality.samples == pytest.approx(frequency * seconds, rel=TOLERANCE)


@pytest.mark.alone
def test_a_process_gets_as_many_samples_as_it_had_cpu_time(build: Build) -> None:
    with running(build("busy")) as process:
        recording = Recording(RecordingSpec(frequency=999, pids=(process.pid,)), ProfileMeta())
        recording.start()
        before = cpu_seconds(process.pid)
        time.sleep(2)
        used = cpu_seconds(process.pid) - before
        profile = recording.stop()
    assert profile.quality.samples == pytest.approx(999 * used, rel=0.05)


def test_functions_get_their_share_of_the_samples(build: Build) -> None:
    with running(build("busy")) as first, running(build("busy")) as second:
        pids = (first.pid, second.pid)
        # 8,000 samples: the tolerance is four standard errors, however long a busy machine takes for them.
        counts = stacks(record_samples(RecordingSpec(frequency=999, pids=pids, user_only=True), 8000))
    assert share(counts, "heavy") == pytest.approx(0.75, abs=TOLERANCE)
    assert share(counts, "light") == pytest.approx(0.25, abs=TOLERANCE)


def test_a_stack_reads_from_main_to_the_innermost_function(build: Build) -> None:
    with running(build("busy")) as process:
        profile = record_samples(RecordingSpec(frequency=999, pids=(process.pid,), user_only=True), 500)
    counts = stacks(profile)
    assert sum(n for stack, n in counts.items() if stack[-3:] == ("main", "turn", "heavy")) > counts.total() * 0.6
    heavy = next(frame for frame in profile.frames if frame.name == "heavy")
    assert (heavy.kind, heavy.module, heavy.offset) == (FrameKind.NATIVE, "busy", 0)
    assert len(heavy.build_id) == 40


@pytest.mark.alone
def test_counts_and_losses_add_up_while_polling_fast(build: Build) -> None:
    with running(build("busy")), running(build("syscalls")):
        profile = record(RecordingSpec(frequency=999), 2, polls=40)
    assert profile.quality.samples > 0
    assert not profile.quality.lost


def test_a_full_map_loses_samples_by_count_and_by_name(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "COUNT_ENTRIES", 2)
    monkeypatch.setattr(collector, "COUNT_ENTRIES", 2)
    with running(build("busy")), running(build("syscalls")):
        profile = record(RecordingSpec(frequency=999), 1)
    assert profile.quality.lost["map full"] > 0


def test_a_full_ring_loses_samples_by_count_and_by_name(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_setup, "ring_bytes", lambda _spec, _cpus: 4096)
    monkeypatch.setattr(recording, "LOOK_INTERVAL_S", 60.0)
    with running(build("busy")), running(build("syscalls")):
        profile = record(RecordingSpec(frequency=999), 1)
    assert profile.quality.lost["ring full"] > 0
    assert profile.total > 0


def test_the_cost_is_measured(build: Build) -> None:
    with running(build("busy")):
        quality = record(RecordingSpec(frequency=999), 1).quality
    assert 0 < quality.bpf_ns < NANOSECONDS // 10
    assert 0 < quality.agent_cpu_ns < 5 * NANOSECONDS
