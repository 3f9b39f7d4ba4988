"""Continuous profiling on a real kernel: profiles touch, and no sample is lost or counted twice where they do."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from profiler.agent.continuous import ContinuousProfiler, Policy
from profiler.agent.cost.budget import Budget
from profiler.agent.cost.governor import Governor
from profiler.agent.delivery.spool import CONTINUOUS, Spool
from profiler.agent.flight import FlightError, FlightRecorder
from profiler.agent.sampling.cutter import Clock, Cutter
from profiler.agent.sampling.recording import Recording
from profiler.core import batch
from profiler.core.continuous import ContinuousSettings
from profiler.core.flight import FlightSettings
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.conftest import Build
from tests.bpf.harness import assert_adds_up, running, stacks
from tests.bpf.test_recording import own_programs

pytestmark = pytest.mark.bpf
PATIENCE_S = 90
SECOND_NS = 10**9
# On a machine with too much to do, an agent wakes up late; what is in between belongs to the profile before.
LATE_NS = 5 * SECOND_NS
CUTS = 10
PERF_EVENT_PROGRAM = 7  # BPF_PROG_TYPE_PERF_EVENT


class Continuous:
    """A profiler of its own, with what it has put into its spool."""

    def __init__(self, directory: Path, policy: Policy | None = None, budget: Budget | None = None) -> None:
        self.flight = FlightRecorder("web-1", directory)
        self.spool = Spool(directory / "continuous", CONTINUOUS)
        governor = Governor(budget or Budget(None, None))
        self.profiler = ContinuousProfiler("web-1", directory, self.spool, self.flight, governor, policy or Policy())
        self.sent: list[Profile] = []

    def taken(self) -> list[Profile]:
        """All profiles so far."""
        while (waiting := self.spool.oldest()) is not None:
            entry, outcome = waiting
            self.sent.append(batch.decode(outcome.batch or b""))
            self.spool.remove(entry)
        return self.sent


@contextmanager
def profiling(directory: Path, policy: Policy | None = None, budget: Budget | None = None) -> Iterator[Continuous]:
    made = Continuous(directory, policy, budget)
    made.flight.start()
    made.profiler.start()
    try:
        yield made
    finally:
        made.profiler.stop(PATIENCE_S)
        made.flight.stop(PATIENCE_S)


def until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def held(flight: FlightRecorder) -> Profile | None:
    try:
        return flight.freeze(60, ProfileMeta(host="web-1")).profile
    except FlightError:
        return None


def functions(profile: Profile | None) -> set[str]:
    return {name for stack in stacks(profile) for name in stack} if profile else set()


def gaps(profiles: list[Profile]) -> list[int]:
    """Nanoseconds between the end of each profile and the start of the next."""
    ends = [one.meta.start_ns + one.meta.duration_ns for one in profiles]
    return [after.meta.start_ns - end for end, after in zip(ends, profiles[1:], strict=False)]


def runs_of_programs() -> list[int]:
    """How often the kernel has run each sampling program of this process. It counts for itself."""
    found = []
    for info in Path("/proc/self/fdinfo").iterdir():
        with contextlib.suppress(OSError):  # the directory's own descriptor
            fields = dict(line.split(":\t", 1) for line in info.read_text().splitlines() if ":\t" in line)
            # The others of this type are only called by it, which does not count.
            if int(fields.get("prog_type", -1)) == PERF_EVENT_PROGRAM and int(fields["run_cnt"]):
                found.append(int(fields["run_cnt"]))
    return found


def test_cuts_lose_no_sample_and_count_none_twice(build: Build) -> None:
    """Every tick of both CPUs is a sample here, so the kernel's own count of program runs must come out."""
    spec = RecordingSpec(frequency=999, include_idle=True)
    recording = Recording(spec, ProfileMeta(host="web-1", probe="cpu"), background=True)
    with running(build("busy")):
        recording.start()
        began = Clock.now()
        cutter = Cutter("web-1", {}, 10, began)
        profiles = []
        for _ in range(CUTS):
            time.sleep(0.1)
            cutter.add(recording.named(recording.poll()))
            profiles.append(cutter.cut(Clock.now()))
        recording.halt()
        (ran,) = runs_of_programs()
        cutter.add(recording.stop())
        profiles.append(cutter.cut(Clock.now()))
    made = [profile for profile in profiles if profile is not None]
    assert len(made) == CUTS + 1
    assert gaps(made) == [0] * CUTS
    for profile in made:
        assert_adds_up(profile)
    assert sum(profile.quality.samples for profile in made) == ran > CUTS * 100
    assert len({profile.meta.id for profile in made}) == CUTS + 1


def test_profiles_flow_without_gaps_and_end_at_whole_multiples(build: Build, tmp_path: Path) -> None:
    settings = ContinuousSettings(on=True, frequency=99, labels={"env": "test"})
    with (
        profiling(tmp_path, Policy(labels={"rack": "7", "env": "agent"})) as continuous,
        running(build("busy")) as busy,
    ):
        continuous.profiler.configure(settings)
        until(lambda: len(continuous.taken()) >= 3, "no three profiles")
        assert continuous.profiler.state().sampling
        state = continuous.profiler.state()
    assert not own_programs()
    profiles = continuous.taken()
    assert gaps(profiles) == [0] * (len(profiles) - 1)
    for profile in profiles:
        assert_adds_up(profile)
        assert dict(profile.meta.labels) == {"rack": "7", "env": "test", "source": "continuous"}
        assert profile.meta.host == "web-1"
    for whole in profiles[1:-1]:
        late_ns = whole.meta.start_ns % (10 * SECOND_NS)
        assert late_ns < LATE_NS, "profiles of all hosts begin at the same time"
        assert abs(whole.meta.duration_ns - 10 * SECOND_NS) < LATE_NS
        ours = sum(count for stack, count in stacks(whole, busy.pid).items() if "heavy" in stack)
        assert ours > 0
        inside = (whole.times.at_ns >= -SECOND_NS) & (whole.times.at_ns < whole.meta.duration_ns + SECOND_NS)
        assert inside.all(), "samples belong to the profile of their time"
        assert (whole.times.cpu >= 0).all()
    assert (state.profiles, state.problem, state.frequency) == (len(profiles) - 1, "", 99)
    assert state.missed_s < PATIENCE_S


def test_the_flight_recorder_gets_the_same_samples_and_samples_none_itself(build: Build, tmp_path: Path) -> None:
    with profiling(tmp_path) as continuous, running(build("busy")):
        continuous.profiler.configure(ContinuousSettings(on=True, frequency=99, length_s=60))
        continuous.flight.configure(FlightSettings(on=True, minutes=1))
        until(lambda: "heavy" in functions(held(continuous.flight)), "what is sampled does not come")
        # It may have begun one of its own before it was told that it is fed.
        until(lambda: len(runs_of_programs()) == 1, "one recording for both")
        frozen = continuous.flight.freeze(60, ProfileMeta(host="web-1")).profile
    assert frozen.meta.period_ns == RecordingSpec(frequency=99).period_ns
    assert "heavy" in functions(frozen)
    assert sum(profile.total for profile in continuous.taken()) >= frozen.total > 0
    assert gaps(continuous.taken()) == [0] * (len(continuous.taken()) - 1)


def test_it_rests_while_somebody_records_and_counts_what_it_missed(build: Build, tmp_path: Path) -> None:
    with profiling(tmp_path) as continuous, running(build("busy")):
        continuous.profiler.configure(ContinuousSettings(on=True))
        until(runs_of_programs, "it does not sample")
        missed = continuous.profiler.state().missed_s
        with continuous.profiler.resting():
            ran = runs_of_programs()

            def gone() -> bool:
                assert runs_of_programs() in (ran, []), "it samples on"
                return not own_programs()

            until(gone, "its program stays")
            until(lambda: continuous.profiler.state().missed_s >= missed + 1, "it does not count")
        until(own_programs, "it does not go on")
    first, *_, last = continuous.taken()
    assert sum(gaps(continuous.taken())) >= SECOND_NS
    assert first.meta.start_ns < last.meta.start_ns


def test_a_budget_that_is_too_small_lowers_the_rate_then_ends_it_and_says_so(build: Build, tmp_path: Path) -> None:
    with profiling(tmp_path, budget=Budget(None, 1 << 20)) as continuous, running(build("busy")):
        continuous.profiler.configure(ContinuousSettings(on=True, frequency=99))
        until(lambda: "limit is 1 MiB" in continuous.profiler.state().problem, "it does not end")
        assert "again in 60 s" in continuous.profiler.state().problem
        until(lambda: not continuous.profiler.state().sampling, "it still samples")
        assert not own_programs()
    assert sum(profile.total for profile in continuous.taken()) > 0, "what was sampled before is sent"


def test_the_agents_own_limit_holds_whatever_the_server_asks_for(tmp_path: Path) -> None:
    with profiling(tmp_path, Policy(max_frequency=7)) as continuous:
        continuous.profiler.configure(ContinuousSettings(on=True, frequency=49))
        until(lambda: continuous.profiler.state().sampling and own_programs(), "it does not sample")
        state = continuous.profiler.state()
        assert (state.frequency, state.asked.frequency) == (7, 49)
        assert "allows 7 Hz at most" in state.problem
    assert {profile.meta.period_ns for profile in continuous.taken()} == {round(1e9 / 7)}


def test_an_agent_that_allows_none_samples_nothing_and_says_so(tmp_path: Path) -> None:
    with profiling(tmp_path, Policy(max_frequency=0)) as continuous:
        continuous.profiler.configure(ContinuousSettings(on=True))
        until(lambda: "allows 0 Hz" in continuous.profiler.state().problem, "it says nothing")
        assert (continuous.profiler.state().sampling, own_programs()) == (False, set())


def test_it_goes_on_after_a_restart(tmp_path: Path) -> None:
    settings = ContinuousSettings(on=True, frequency=11, length_s=30, labels={"env": "prod"})
    with profiling(tmp_path) as continuous:
        continuous.profiler.configure(settings)
        until(own_programs, "it does not sample")
    with profiling(tmp_path) as again:
        until(lambda: again.profiler.state().sampling, "it does not go on")
        assert again.profiler.state().asked == settings
    (tmp_path / "continuous.json").write_bytes(os.urandom(20))
    assert not Continuous(tmp_path).profiler.state().on
