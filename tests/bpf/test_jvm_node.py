"""Java and Node.js as they run here: names on demand, and what to do when something is missing."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from profiler.agent.recording import Recording
from profiler.agent.runtimes import jvm, node
from profiler.core.frame import Frame, FrameKind
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.harness import cpu_seconds, record, share, stacks

pytestmark = pytest.mark.bpf

WORKLOADS = Path(__file__).parent.parent / "workloads"
java = pytest.mark.skipif(not shutil.which("java") or not shutil.which("jcmd"), reason="no JDK is installed")
javascript = pytest.mark.skipif(not shutil.which("node"), reason="Node.js is not installed")


@contextmanager
def busy(*command: str | Path) -> Iterator[int]:
    """A program whose hot functions were compiled. V8 leaves a log where it is started."""
    with (
        tempfile.TemporaryDirectory() as directory,
        subprocess.Popen([*command], stdout=subprocess.DEVNULL, cwd=directory) as process,
    ):
        try:
            deadline = time.monotonic() + 60
            while cpu_seconds(process.pid) < 2.5:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield process.pid
        finally:
            process.kill()
            perf_map(process.pid).unlink(missing_ok=True)


def perf_map(pid: int) -> Path:
    return Path(f"/tmp/perf-{pid}.map")  # noqa: S108 - where runtimes put it


def record_pid(pid: int, seconds: float = 1) -> Profile:
    return record(RecordingSpec(frequency=199, user_only=True, pids=(pid,)), seconds)


def function(profile: Profile, name: str) -> Frame:
    return next(frame for frame in profile.frames if name in frame.name)


def poll_until(recording: Recording, pid: int, names: tuple[str, ...]) -> Profile:
    """The first second in which most stacks hold all of these names."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(1)
        profile = recording.poll()
        named = sum(n for stack, n in stacks(profile, pid).items() if all(name in stack for name in names))
        # Frames that are interpreted have no name, so it is never all of them.
        if named > 0.6 * profile.total:
            return profile
    raise TimeoutError(f"no second with {names} in 60 s")


@java
def test_java_methods_get_names_while_recording_and_no_file_stays_behind() -> None:
    no_inlining = "-XX:CompileCommand=dontinline,Calls::*"
    with busy("java", jvm.FRAME_POINTERS, no_inlining, WORKLOADS / "Calls.java") as pid:
        recording = Recording(RecordingSpec(frequency=199, user_only=True, pids=(pid,)), ProfileMeta())
        recording.start()
        try:
            profile = poll_until(recording, pid, ("long Calls.descend(int)", "long Calls.spin()"))
        finally:
            recording.stop()
        assert not perf_map(pid).exists()
    assert function(profile, "Calls.spin").kind is FrameKind.JAVA
    assert not profile.quality.hints


@java
def test_java_without_frame_pointers_says_which_option_is_missing() -> None:
    with busy("java", WORKLOADS / "Calls.java") as pid:
        profile = record_pid(pid)
    assert profile.quality.hints[jvm.CUT_HINT] > 0.5 * profile.total
    assert jvm.FRAME_POINTERS in jvm.CUT_HINT


@java
def test_an_agent_that_may_not_ask_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(jvm.SETTING, "0")
    with busy("java", jvm.FRAME_POINTERS, WORKLOADS / "Calls.java") as pid:
        profile = record_pid(pid)
        assert not perf_map(pid).exists()
    (hint,) = profile.quality.hints
    assert hint == f"{jvm.NAMES_HINT}: the agent may not ask for them ({jvm.SETTING}=0)"


@javascript
def test_node_with_a_perf_map_has_functions_with_file_and_line() -> None:
    with busy("node", node.OPTION, "--no-turbo-inlining", WORKLOADS / "calls.js") as pid:
        profile = record_pid(pid)
    assert share(stacks(profile, pid), "spin") > 0.5
    spin = function(profile, "spin")
    assert (spin.kind, spin.module, spin.line) == (FrameKind.JAVASCRIPT, "calls.js", 3)
    assert spin.file == str(WORKLOADS / "calls.js")
    assert not profile.quality.hints


@javascript
def test_node_without_a_perf_map_says_how_to_have_one() -> None:
    with busy("node", WORKLOADS / "calls.js") as pid:
        profile = record_pid(pid)
    assert profile.quality.hints[node.HINT] > 0.5 * profile.total
    assert profile.quality.runtimes[node.UNNAMED] > 0.5 * profile.total
