"""Python frames in native stacks, on real interpreters: known call chains as a person reads them."""

import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from profiler.agent.runtimes import python_process
from profiler.agent.runtimes.python import BETWEEN, CUT, MERGED
from profiler.agent.runtimes.python_codes import UNKNOWN
from profiler.agent.sampling.recording import Recording
from profiler.core.frame import FrameKind
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.harness import cpu_seconds, record_samples, share, stacks
from tests.pythons import DISTRIBUTION, MINORS, any_python, python

pytestmark = pytest.mark.bpf

CALLS = Path(__file__).parent.parent / "workloads" / "calls.py"

# Python functions, and in brackets the C functions between them.
CHAINS = """
<module> main outer [builtin_sum] generate recurse recurse recurse recurse Worker.method spin
<module> main by_key [builtin_sorted] by_key.<locals>.<lambda> spin
<module> main substitute sub [pattern_subx] replace spin
<module> main größe_ночь spin
Thread._bootstrap Thread._bootstrap_inner Thread.run in_thread outer [builtin_sum] generate recurse recurse recurse recurse Worker.method spin
""".strip().splitlines()  # noqa: E501 (a stack is a line)
C_FUNCTIONS = ("builtin_sum", "builtin_sorted", "pattern_subx")


@contextmanager
def running(*command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([*command], stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def calls(profile: Profile) -> Counter[str]:
    """Samples by Python functions and the C functions between them, as in CHAINS."""
    found: Counter[str] = Counter()
    for node, value in zip(profile.node.tolist(), profile.value.tolist(), strict=True):
        words = []
        for number in profile.stacks.path(node):
            frame = profile.frames[number]
            if frame.kind is FrameKind.PYTHON:
                words.append(frame.name)
            elif frame.name in C_FUNCTIONS:
                words.append(f"[{frame.name}]")
        found[" ".join(words)] += value
    return found


def plain_name(chain: str) -> str:
    """To 3.10 a code object knows its own name only."""
    return " ".join(word.rpartition(".")[2] for word in chain.split())


def without_c(chain: str) -> str:
    """A stripped interpreter has no names for its own functions."""
    return " ".join(word for word in chain.split() if not word.startswith("["))


def assert_chains(profile: Profile, chains: list[str]) -> None:
    found, total = calls(profile), profile.total
    assert [chain for chain in chains if not found[chain]] == [], found.most_common(8)
    known = sum(count for stack, count in found.items() if any(chain.startswith(stack) for chain in chains))
    # The rest: an argument object or an exception handler that a chain passes through for an instant.
    assert known >= total * 0.98, found.most_common(8)
    outcomes = profile.quality.runtimes
    assert outcomes[MERGED] >= total * 0.9
    assert outcomes[MERGED] + outcomes.get(BETWEEN, 0) >= total * 0.99
    # Native stacks reach their entry.
    assert profile.quality.outcomes["end"] >= 0.995 * total, profile.quality.outcomes
    function = next(frame for frame in profile.frames if frame.name == "spin")
    line = CALLS.read_text().splitlines().index("def spin(rounds):") + 1
    assert (function.file, function.line, function.module) == (str(CALLS), line, CALLS.name)


@pytest.mark.parametrize("minor", MINORS)
def test_python_functions_stand_where_the_interpreter_ran_them(minor: int) -> None:
    with running(python(minor), CALLS) as process:
        profile = record_started(process)
    chains = CHAINS if minor >= 11 else [plain_name(chain) for chain in CHAINS]
    assert_chains(profile, [without_c(chain) for chain in chains] if is_stripped(minor) else chains)


def is_stripped(minor: int) -> bool:
    """Then the interpreter's own functions have no names."""
    return b".symtab" not in python(minor).read_bytes()


@pytest.mark.skipif(not DISTRIBUTION.exists(), reason="this system has no Python of its own")
def test_a_stripped_interpreter_is_read_as_well() -> None:
    with running(DISTRIBUTION, CALLS) as process:
        profile = record_started(process)
    chains = [without_c(chain) for chain in CHAINS]
    named = any("Worker.method" in frame.name for frame in profile.frames)
    assert_chains(profile, chains if named else [plain_name(chain) for chain in chains])


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def record_started(process: subprocess.Popen[bytes]) -> Profile:
    """The workload is in its loop once the thread that it starts is there."""
    tasks = Path(f"/proc/{process.pid}/task")
    wait_until(lambda: len(list(tasks.iterdir())) == 2)
    return record_samples(RecordingSpec(frequency=499, user_only=True, pids=(process.pid,)), 700)


def test_processes_that_start_or_fork_while_recording_are_read_too(tmp_path: Path) -> None:
    name = f"py-{os.getpid()}"
    (tmp_path / name).symlink_to(DISTRIBUTION.resolve())
    code = "import os; os.fork()\ndef busy():\n    while True: sum(range(1000))\nbusy()"
    recording = Recording(RecordingSpec(frequency=499, user_only=True, comm=name), ProfileMeta())
    recording.start()
    with running(tmp_path / name, "-c", code) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        wait_until(lambda: children.exists() and bool(children.read_text()))
        child = int(children.read_text())
        time.sleep(1.5)
        profile = recording.stop()
        os.kill(child, signal.SIGKILL)
    for pid in (process.pid, child):
        found = Counter({stack: count for stack, count in stacks(profile, pid).items() if "busy" in stack})
        assert found.total() > 0.7 * stacks(profile, pid).total(), pid


def test_a_version_that_is_not_known_is_counted_and_its_samples_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_process, "LAYOUTS", {})
    with running(python(11), CALLS) as process:
        profile = record_started(process)
    assert profile.total > 100
    assert profile.quality.runtimes["python: Python 3.11 is not known"] > profile.total * 0.9
    assert not any(frame.kind is FrameKind.PYTHON for frame in profile.frames)


@pytest.mark.parametrize(("version", "name"), [("3.7", "Python 3.7"), ("3.6", "Python 3.6"), ("2.7", "Python 2.7")])
def test_a_python_older_than_those_we_read_keeps_its_samples_and_says_which_are_read(version: str, name: str) -> None:
    with running(any_python(version), CALLS.with_name("old_python.py")) as process:
        wait_until(lambda: cpu_seconds(process.pid) > 0.5)
        profile = record_samples(RecordingSpec(frequency=499, user_only=True, pids=(process.pid,)), 100)
    assert profile.quality.outcomes["end"] > profile.total * 0.95
    assert profile.quality.runtimes[f"python: {name} is not known"] > profile.total * 0.9
    (hint,) = profile.quality.hints
    assert hint == f"Python functions are not shown: {name} is not known, 3.8 to 3.14 are"


@pytest.mark.parametrize("minor", [12, 13, 14])
def test_what_a_function_frees_when_it_ends_is_its_own(minor: int) -> None:
    """CPython has unlinked its frame by then."""
    code = (
        "def leave(n):\n    freed = [(n, i) for i in range(20000)]\n    n = 0\nwhile True: list(map(leave, range(9)))"
    )
    with running(python(minor), "-c", code) as process:
        wait_until(lambda: cpu_seconds(process.pid) > 0.3)
        profile = record_samples(RecordingSpec(frequency=499, user_only=True, pids=(process.pid,)), 700)
    found = stacks(profile)
    freeing = Counter({stack: n for stack, n in found.items() if any("FrameClearAndPop" in name for name in stack)})
    assert freeing.total() > 0.05 * profile.total or is_stripped(minor)
    assert share(found, "leave") > 0.98


@pytest.mark.parametrize("minor", [12, 13, 14])
def test_a_generator_that_pauses_is_not_taken_for_the_function_that_ended_before_it(minor: int) -> None:
    """Both are called through C by the same function, and what the function left behind stays in memory."""
    code = (
        "def ended(n):\n    return n\ndef generate():\n    yield from range(300)\n"
        "def both():\n    list(map(ended, range(300)))\n    sum(generate())\nwhile True: both()"
    )
    with running(python(minor), "-c", code) as process:
        wait_until(lambda: cpu_seconds(process.pid) > 0.3)
        profile = record_samples(RecordingSpec(frequency=999, user_only=True, pids=(process.pid,)), 1000)
    found = stacks(profile)
    assert share(found, "ended") > 0.1
    assert share(found, "generate") > 0.1
    summing = [stack for stack in found if any(name.startswith("builtin_sum") for name in stack)]
    assert summing or is_stripped(minor)
    assert not [stack for stack in summing if "ended" in stack]


def test_of_a_deep_recursion_the_innermost_functions_are_kept_and_the_cut_is_counted() -> None:
    code = "def deep(n):\n    return deep(n - 1) + 1 if n else max(range(10_000_000))\nwhile True: deep(400)"
    with running(python(12), "-c", code) as process:
        wait_until(lambda: cpu_seconds(process.pid) > 0.5)
        profile = record_samples(RecordingSpec(frequency=499, user_only=True, pids=(process.pid,)), 500)
    assert profile.quality.runtimes[CUT] > profile.total * 0.9
    depths = Counter(stack.split().count("deep") for stack in calls(profile).elements())
    assert depths.most_common(1)[0][0] > 120


def test_functions_that_take_the_place_of_freed_ones_have_their_own_names() -> None:
    code = (
        "i = 0\nwhile True:\n    i += 1\n    space = {}\n"
        "    exec(f'def f{i}(n):\\n    while n: n -= 1', space)\n    space[f'f{i}'](20000)"
    )
    with running(python(12), "-c", code) as process:
        wait_until(lambda: cpu_seconds(process.pid) > 0.3)
        profile = record_samples(RecordingSpec(frequency=499, user_only=True, pids=(process.pid,)), 500)
    names = [frame.name for frame in profile.frames if frame.kind is FrameKind.PYTHON]
    assert len([name for name in names if re.fullmatch(r"f\d+", name)]) > 100
    assert not [name for name in names if not re.fullmatch(r"f\d+|<module>", name)]
    assert UNKNOWN not in profile.frames
    # Each function runs for about as long as between two samples: none can have half of them.
    assert max(count for stack, count in calls(profile).items() if stack) < profile.total / 2


def test_a_python_that_replaces_itself_is_found_again() -> None:
    busy = "def after():\n    while True: sum(range(1000))\nafter()"
    code = (
        f"import os, sys\nfor _ in range(60): sum(range(1000000))\nos.execv(sys.executable, ['python', '-c', {busy!r}])"
    )
    with running(DISTRIBUTION, "-c", code) as process:
        recording = Recording(RecordingSpec(frequency=499, user_only=True, pids=(process.pid,)), ProfileMeta())
        recording.start()
        command = Path(f"/proc/{process.pid}/cmdline")
        wait_until(lambda: b"execv" not in command.read_bytes())
        time.sleep(1.5)
        profile = recording.stop()
    assert share(stacks(profile), "after") > 0.2


def test_a_python_in_a_pid_namespace_is_read_too() -> None:
    with running("unshare", "--pid", "--mount", "--mount-proc", "--fork", DISTRIBUTION, CALLS) as outside:
        children = Path(f"/proc/{outside.pid}/task/{outside.pid}/children")
        wait_until(lambda: bool(children.read_text()))
        pid = int(children.read_text())
        wait_until(lambda: cpu_seconds(pid) > 0.5)
        profile = record_samples(RecordingSpec(frequency=499, user_only=True, pids=(pid,)), 300)
        os.kill(pid, signal.SIGKILL)
    assert share(stacks(profile), "spin") > 0.9
