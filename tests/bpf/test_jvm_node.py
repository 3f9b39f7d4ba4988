"""Java and Node.js as they run here: names on demand, and what to do when something is missing."""

import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from profiler.agent.runtimes import jvm, node
from profiler.agent.sampling.recording import Recording
from profiler.core.frame import Frame, FrameKind
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.harness import cpu_seconds, record, share, stacks
from tests.bpf.test_unwind import FLOOR, whole_share

pytestmark = pytest.mark.bpf

WORKLOADS = Path(__file__).parent.parent / "workloads"
java = pytest.mark.skipif(not shutil.which("javac") or not shutil.which("jcmd"), reason="no JDK is installed")
javascript = pytest.mark.skipif(not shutil.which("node"), reason="Node.js is not installed")

# Compiled when they are called first, and nothing else: the JVM's own classes would take seconds.
AT_ONCE = (
    "-Xcomp",
    "-XX:CompileCommand=quiet",
    "-XX:CompileCommand=compileonly,Calls::*",
    "-XX:CompileCommand=dontinline,Calls::*",
)
JAVA_ENTRY = "clone3 start_thread ThreadJavaMain JavaMain jni_CallStaticVoidMethod jni_invoke_static"
JAVA_CHAIN = f"{JAVA_ENTRY} JavaCalls::call_helper StubRoutines Calls.main {'Calls.descend ' * 11}Calls.spin"
CUT_CHAIN = "[cut: code without unwind table] Calls.spin"
JAVA_BUSY_S = 0.5
NODE_BUSY_S = 2.5  # V8 has optimised by then


@contextmanager
def busy(*command: str | Path, cpu_s: float = NODE_BUSY_S) -> Iterator[int]:
    """A program whose hot functions were compiled. V8 leaves a log where it is started."""
    with (
        tempfile.TemporaryDirectory() as directory,
        subprocess.Popen([*command], stdout=subprocess.DEVNULL, cwd=directory) as process,
    ):
        try:
            deadline = time.monotonic() + 60
            while cpu_seconds(process.pid) < cpu_s:
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


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> tuple[str | Path, ...]:
    """Runs Calls.java."""
    classes = tmp_path_factory.mktemp("classes")
    subprocess.run(["javac", "-d", classes, WORKLOADS / "Calls.java"], check=True)
    return ("java", *AT_ONCE, "-cp", classes, "Calls")


def chains(profile: Profile, pid: int) -> Counter[str]:
    """Samples by functions, root first, without types, arguments and what a compiler adds to names."""
    found: Counter[str] = Counter()
    for stack, count in stacks(profile, pid).items():
        found[" ".join(re.sub(r" ?\(.*", "", name).split(" ")[-1] if name[0] != "[" else name for name in stack)] += (
            count
        )
    return found


def poll_until_most_are(recording: Recording, pid: int, chain: str) -> Profile:
    """The first tenths of a second in which most stacks begin with a chain."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.3)
        profile = recording.poll()
        named = sum(count for stack, count in chains(profile, pid).items() if stack.startswith(chain))
        # The collector's threads run, too.
        if profile.total and named > 0.8 * profile.total:
            return profile
    raise TimeoutError(f"most stacks were never {chain} in 60 s")


@contextmanager
def recording_of(pid: int) -> Iterator[Recording]:
    recording = Recording(RecordingSpec(frequency=199, user_only=True, pids=(pid,)), ProfileMeta())
    recording.start()
    try:
        yield recording
    finally:
        recording.stop()


@java
@pytest.mark.alone  # a recording of the whole host asks for it, too
def test_compiled_java_stands_below_the_jvm_by_names_that_were_asked_for(calls: tuple[str | Path, ...]) -> None:
    command, *options = calls
    with busy(command, "-XX:+PreserveFramePointer", *options, cpu_s=JAVA_BUSY_S) as pid:
        assert not perf_map(pid).exists(), "nobody has asked for it"
        with recording_of(pid) as recording:
            profile = poll_until_most_are(recording, pid, JAVA_CHAIN)
            assert perf_map(pid).exists()
        assert not perf_map(pid).exists(), "what was asked for is taken away"
    assert chains(profile, pid)[JAVA_CHAIN] > 0, chains(profile, pid).most_common(3)
    assert whole_share(profile) >= FLOOR
    assert {frame.kind for frame in profile.frames if "Calls." in frame.name} == {FrameKind.JAVA}
    assert not profile.quality.hints


@java
def test_the_option_is_found_where_no_argument_tells_of_it(calls: tuple[str | Path, ...], tmp_path: Path) -> None:
    command, *options = calls
    (tmp_path / "options").write_text("-XX:+PreserveFramePointer")
    with busy(command, f"@{tmp_path}/options", *options, cpu_s=JAVA_BUSY_S) as pid, recording_of(pid) as recording:
        assert poll_until_most_are(recording, pid, JAVA_CHAIN).quality.outcomes["end"] > 0


@java
@pytest.mark.parametrize("compiler", ["-XX:TieredStopAtLevel=1", "-XX:TieredStopAtLevel=4"], ids=["C1", "C2"])
def test_java_without_frame_pointers_is_cut_and_says_which_option_is_missing(
    calls: tuple[str | Path, ...], compiler: str
) -> None:
    """C1 leaves rbp alone: a step by it passes over all compiled callers and then reaches the entry."""
    command, *options = calls
    with busy(command, compiler, *options, cpu_s=JAVA_BUSY_S) as pid, recording_of(pid) as recording:
        profile = poll_until_most_are(recording, pid, CUT_CHAIN)
    assert not [chain for chain in chains(profile, pid) if "Calls." in chain and not chain.startswith(CUT_CHAIN)]
    (hint,) = profile.quality.hints
    assert hint == "Java stacks end early in compiled methods: start the program with -XX:+PreserveFramePointer"
    assert profile.quality.hints[hint] > 0.8 * profile.total
    assert profile.quality.outcomes["code without unwind table"] > 0.8 * profile.total


@java
def test_an_agent_that_may_not_ask_says_so(monkeypatch: pytest.MonkeyPatch, calls: tuple[str | Path, ...]) -> None:
    monkeypatch.setenv(jvm.SETTING, "0")
    command, *options = calls
    with busy(command, jvm.FRAME_POINTERS, *options, cpu_s=JAVA_BUSY_S) as pid:
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
