"""Each sample's time: which function ran when, and nothing lost without being counted."""

import os
import time
from collections import Counter
from itertools import pairwise
from typing import IO

import numpy as np
import pytest

from profiler.agent.sampling import collector, filters, recording
from profiler.agent.sampling.events import TIMES_LOST
from profiler.agent.sampling.recording import Recording
from profiler.core.lanes import lanes
from profiler.core.merge import Merger
from profiler.core.profile import ProfileMeta
from profiler.core.select import select
from profiler.core.spec import RecordingSpec
from tests.bpf.conftest import Build
from tests.bpf.harness import NANOSECONDS, record, record_samples, running, stacks

pytestmark = [pytest.mark.bpf, pytest.mark.alone]

# The change itself takes a moment, and the test's clocks are read one after the other.
MARGIN_NS = 1_000_000
# Between looking at the clock and the end of sampling the test may have to wait for a CPU.
LATE_NS = NANOSECONDS // 2


def test_the_time_of_a_function_has_only_its_samples(build: Build) -> None:
    with running(build("phases")) as process:
        assert process.stdout is not None
        session = Recording(RecordingSpec(frequency=499, pids=(process.pid,)), ProfileMeta())
        session.start()
        started_ns = time.monotonic_ns()
        changes = _times_after(process.stdout, 3, started_ns)
        profile = session.stop()
    offset_ns = time.time_ns() - time.monotonic_ns() - session.start_ns
    seen: list[str] = []
    for begin, end in pairwise(changes):
        part = select(profile, begin + offset_ns + MARGIN_NS, end + offset_ns - MARGIN_NS)
        functions = {frame for stack in stacks(part) for frame in stack} & {"first", "second"}
        # However few samples a busy machine leaves it.
        assert len(functions) == 1
        seen += functions
    assert sorted(seen) == ["first", "second"]


def test_samples_of_a_pinned_process_are_all_on_its_cpu_and_two_of_them_apart(build: Build) -> None:
    cpus = sorted(os.sched_getaffinity(0))
    first, last = cpus[0], cpus[-1]
    with running(build("busy"), first) as one, running(build("busy"), last) as other:
        profile = record_samples(RecordingSpec(frequency=499, pids=(one.pid, other.pid)), 300)
    times = profile.times
    pid_of = np.array([thread.pid for thread in profile.threads])[profile.thread[times.row]]
    assert len(times) == profile.total
    assert set(times.cpu[pid_of == one.pid].tolist()) <= {first}
    assert set(times.cpu[pid_of == other.pid].tolist()) <= {last}
    expected = Counter(f"CPU {cpu}" for cpu in np.where(pid_of == one.pid, first, last).tolist())
    rows = lanes(profile, "cpu", 1, int(times.at_ns[-1]))
    assert dict(zip(rows.names, rows.counts[:, 0].tolist(), strict=True)) == expected


def _times_after(lines: IO[str], wanted: int, after_ns: int) -> list[int]:
    """The first ones; starting to record may have taken several phases."""
    later = (int(line) for line in lines if int(line) > after_ns)
    return [next(later) for _ in range(wanted)]


def test_all_samples_have_a_time_within_the_recording(build: Build) -> None:
    with running(build("busy")), running(build("syscalls")):
        profile = record(RecordingSpec(frequency=999), 1)
    at_ns = profile.times.at_ns
    assert len(at_ns) == profile.total > 0
    assert at_ns[0] >= 0
    assert at_ns[-1] < profile.meta.duration_ns + LATE_NS
    assert not profile.quality.skipped.get(TIMES_LOST)


def test_readings_of_one_recording_have_their_own_times(build: Build) -> None:
    spec = RecordingSpec(frequency=999)
    with running(build("busy")):
        session = Recording(spec, ProfileMeta())
        session.start()
        whole = Merger(ProfileMeta())
        for _ in range(20):
            time.sleep(0.05)
            part = session.poll()
            # A busy machine may read so late that the ring has no room; that is told.
            assert len(part.times) + part.quality.skipped.get(TIMES_LOST, 0) == part.total
            assert (part.times.at_ns >= 0).all()
            whole.add(part)
        whole.add(session.stop())
    merged = whole.build(ProfileMeta(start_ns=session.start_ns))
    assert len(merged.times) + merged.quality.skipped.get(TIMES_LOST, 0) == merged.total
    if not merged.quality.skipped.get(TIMES_LOST):
        gaps = np.diff(merged.times.at_ns)
        assert gaps.max() < NANOSECONDS / 2, "a reading's samples are where the one before ended"


def test_times_without_room_are_counted_and_their_samples_stay(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (filters, collector):
        monkeypatch.setattr(module, "time_ring_bytes", lambda _size: 4096)
    monkeypatch.setattr(recording, "LOOK_INTERVAL_S", 60.0)
    with running(build("busy")):
        profile = record(RecordingSpec(frequency=999), 1)
    missing = profile.quality.skipped[TIMES_LOST]
    assert 0 < missing == profile.total - len(profile.times)
    assert not profile.quality.lost
