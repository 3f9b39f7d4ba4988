"""A recording's life: starting, targets that go, errors, and nothing left behind."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from profiler.agent.checks.selftest import run_self_test
from profiler.agent.cost.malloc import give_back_memory
from profiler.agent.kernel import bpf_syscall
from profiler.agent.sampling.recording import Recording, RecordingError
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import PID_MAX, RecordingSpec
from tests.bpf.conftest import Build
from tests.bpf.harness import NANOSECONDS, PATIENCE_S, assert_adds_up, record_samples, running, stacks

pytestmark = pytest.mark.bpf

# A program's maps are 80 MB, a ring or a table of counts 1 MB.
WARM_UP_RECORDINGS, FURTHER_RECORDINGS = 3, 8
MAX_LEFT_BYTES = 1 << 20


def own_programs() -> set[int]:
    """Ids of the BPF programs that this process holds."""
    found = set()
    for info in Path("/proc/self/fdinfo").iterdir():
        try:
            fields = dict(line.split(":", 1) for line in info.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if "prog_id" in fields:
            found.add(int(fields["prog_id"]))
    return found


def _sampled(recording: Recording, function: str) -> Profile:
    """The first profile with samples in this function. The first one of all may be in another."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        profile = recording.poll()
        if any(function in stack for stack in stacks(profile)):
            return profile
        assert time.monotonic() < deadline, function
        time.sleep(0.1)


def _descriptors_after_parsing() -> int:
    """A file that was being parsed when the recording ended is finished, and held open until then."""
    for thread in threading.enumerate():
        if thread.name == "webprof-unwind-parse":
            thread.join(PATIENCE_S)
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_program_is_left_behind() -> None:
    recording = Recording(RecordingSpec(), ProfileMeta())
    recording.start()
    programs = own_programs()
    assert programs
    assert all(bpf_syscall.program_exists(program) for program in programs)
    recording.stop()
    assert not own_programs()
    assert not any(bpf_syscall.program_exists(program) for program in programs)


@pytest.mark.alone
def test_recordings_one_after_the_other_leave_no_descriptor_no_memory_and_no_thread() -> None:
    """A descriptor of each recording would be as many as recordings. Files of modules met for the first time are kept
    open, and what this process is sampled in differs from one recording to the next: that is fewer.
    """
    _record_several(WARM_UP_RECORDINGS)
    descriptors, memory, threads = _descriptors_after_parsing(), _memory_bytes(), threading.active_count()
    _record_several(FURTHER_RECORDINGS)
    assert _descriptors_after_parsing() - descriptors < FURTHER_RECORDINGS
    assert threading.active_count() <= threads
    assert _memory_bytes() - memory < FURTHER_RECORDINGS * MAX_LEFT_BYTES


def _record_several(number: int) -> None:
    for _ in range(number):
        run_self_test()
    _descriptors_after_parsing()


def _memory_bytes() -> int:
    give_back_memory()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_stopping_twice_gives_an_empty_second_profile() -> None:
    recording = Recording(RecordingSpec(), ProfileMeta())
    recording.start()
    recording.stop()
    assert recording.stop().quality.samples == 0


def test_a_recording_that_never_started_can_be_stopped() -> None:
    assert len(Recording(RecordingSpec(), ProfileMeta()).stop()) == 0


def test_a_target_that_ends_is_told_and_its_samples_are_kept(build: Build) -> None:
    with running(build("busy")) as process:
        recording = Recording(RecordingSpec(frequency=999, pids=(process.pid,)), ProfileMeta())
        recording.start()
        first = _sampled(recording, "heavy")
        assert recording.targets_alive()
        process.kill()
        process.wait()
        deadline = time.monotonic() + 5
        while recording.targets_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        profile = recording.stop()
    assert not recording.targets_alive()
    assert recording.exited_targets[f"pid {process.pid}"] >= first.meta.duration_ns / NANOSECONDS
    assert_adds_up(first)
    assert_adds_up(profile)


def test_a_pid_that_does_not_exist_is_named() -> None:
    with pytest.raises(RecordingError, match=f"pid {PID_MAX} does not exist"):
        Recording(RecordingSpec(pids=(PID_MAX,)), ProfileMeta()).start()


def test_a_thread_given_as_a_process_is_explained(build: Build) -> None:
    with running(build("threads")) as process:
        assert process.stdout is not None
        tids = dict(process.stdout.readline().split() for _ in range(2))
        spec = RecordingSpec(pids=(int(tids["first"]),))
        with pytest.raises(RecordingError, match=f"is a thread of process {process.pid}"):
            Recording(spec, ProfileMeta()).start()


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (RecordingSpec(cpu=4095), "CPU 4095 is not online"),
        (RecordingSpec(cgroup="/no/such/group"), "cgroup /no/such/group does not exist"),
        (RecordingSpec(cgroup="/../../etc"), "does not exist"),
    ],
)
def test_other_targets_that_do_not_exist_are_named(spec: RecordingSpec, text: str) -> None:
    with pytest.raises(RecordingError, match=text):
        Recording(spec, ProfileMeta()).start()
    assert not own_programs()


def test_two_recordings_at_once_each_get_all_samples(build: Build) -> None:
    with running(build("busy")) as process:
        spec = RecordingSpec(frequency=999, pids=(process.pid,))
        outer = Recording(spec, ProfileMeta())
        outer.start()
        inner = record_samples(spec, 100)
        both = outer.stop()
    assert both.quality.samples >= inner.quality.samples


def test_the_self_test_passes_here() -> None:
    assert run_self_test() > 0


def test_compiling_needs_no_kernel_headers() -> None:
    hide = " && ".join(f"mount -t tmpfs none {path}" for path in ("/lib/modules", "/usr/src") if Path(path).is_dir())
    code = "from profiler.agent.checks.selftest import run_self_test; print(run_self_test())"
    result = subprocess.run(
        ["unshare", "--mount", "sh", "-c", f'{hide or "true"} && exec {sys.executable} -c "{code}"'],
        cwd=Path(__file__).parent.parent.parent, capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) > 0
