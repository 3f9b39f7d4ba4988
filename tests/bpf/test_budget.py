"""A lowered rate on the real kernel: fewer samples, the same totals."""

import time

import pytest

from profiler.agent.sampling.recording import Recording
from profiler.core.merge import Merger
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.conftest import Build
from tests.bpf.harness import NANOSECONDS, cpu_seconds, running

pytestmark = pytest.mark.bpf

# 250 samples at a quarter of 499 Hz: one standard error is 6 %, the tolerance four of them.
PHASE_S = 2.0


class _Phases:
    """Cuts a recording where it is polled; the process's clock is read at the same places."""

    def __init__(self, recording: Recording, pid: int) -> None:
        self._recording, self._pid = recording, pid

    def next(self, factor: int) -> tuple[Profile, float]:
        """What is sampled at a rate that many times lower, and the CPU time of the process meanwhile."""
        self._recording.thin(factor)
        self._recording.poll()  # so that the one at the cut has little to read: the clock is read before it
        before = cpu_seconds(self._pid)
        self._recording.poll()
        time.sleep(PHASE_S)
        after = cpu_seconds(self._pid)
        return self._recording.poll(), after - before


@pytest.mark.alone
@pytest.mark.parametrize("rate", [{"frequency": 499}, {"count": 2_000_000}])
def test_a_lowered_rate_takes_fewer_samples_and_keeps_the_totals(build: Build, rate: dict[str, int]) -> None:
    with running(build("busy")) as process:
        spec = RecordingSpec(pids=(process.pid,), **rate)
        recording = Recording(spec, ProfileMeta())
        recording.start()
        merger = Merger(ProfileMeta(period_ns=spec.period_ns))
        try:
            phases = _Phases(recording, process.pid)
            for factor in (1, 4, 1):
                profile, used = phases.next(factor)
                merger.add(profile)
                quality = profile.quality
                assert quality.thinned == (factor - 1) * quality.samples
                assert profile.total == quality.samples + quality.thinned - factor * quality.lost_total
                # Values are estimates of CPU time, whatever the rate is; samples are those really taken. Chance alone
                # is the square root of their number.
                wanted = used * NANOSECONDS / spec.period_ns / factor
                assert quality.samples == pytest.approx(wanted, abs=4 * wanted**0.5)
                assert profile.total == pytest.approx(wanted * factor, abs=4 * factor * wanted**0.5)
        finally:
            recording.stop()
        assert merger.build().total == merger.build().quality.samples + merger.build().quality.thinned


def test_the_rate_may_be_lowered_while_and_after_sampling_stops(build: Build) -> None:
    with running(build("busy")) as process:
        recording = Recording(RecordingSpec(pids=(process.pid,)), ProfileMeta())
        recording.start()
        recording.thin(2)
        recording.halt()
        recording.thin(4)
        assert recording.stop().quality.thinned == 0
