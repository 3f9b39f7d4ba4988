"""`webprof profile` as a person runs it: folded stacks on standard output, everything else on standard error."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.bpf.conftest import Build
from tests.bpf.harness import running
from webprof.cli import main

pytestmark = pytest.mark.bpf

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-c", "from webprof.cli import main; main()", "profile"]
LINE = re.compile(r"(?P<stack>.+) (?P<count>\d+)")


@contextmanager
def sampling(workload: "subprocess.Popen[str]", *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """The command, which samples. Until then the workload stands still: it would take a CPU from who starts."""
    workload.send_signal(signal.SIGSTOP)
    command = [*COMMAND, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        first = run.stderr.readline()
        assert first.startswith("sampling, 999 Hz"), first + run.stderr.read()
        workload.send_signal(signal.SIGCONT)
        yield run


def profile(workload: "subprocess.Popen[str]", *arguments: str) -> subprocess.CompletedProcess[str]:
    with sampling(workload, *arguments) as run:
        output, errors = run.communicate(timeout=60)
    return subprocess.CompletedProcess(run.args, run.returncode, output, errors)


def counts(output: str) -> dict[str, int]:
    found = {}
    for line in output.splitlines():
        match = LINE.fullmatch(line)
        assert match, line
        found[match["stack"]] = int(match["count"])
    return found


def test_stacks_are_folded_and_add_up_to_the_samples_told(build: Build) -> None:
    with running(build("busy")) as process:
        result = profile(process, "-F", "999", "-p", str(process.pid), "-U", "-f", "1")
    stacks = counts(result.stdout)
    assert any(re.fullmatch(r"busy;.*main;turn;heavy", stack) for stack in stacks)
    told = re.search(r"(\d+) samples in [\d.]+ s \(999 Hz\), 0 lost", result.stderr)
    assert told, result.stderr
    assert sum(stacks.values()) == int(told[1]) > 0
    assert result.returncode == 0


def test_delimiter_and_annotations_are_those_of_bcc(build: Build) -> None:
    with running(build("syscalls")) as process:
        result = profile(process, "-F", "999", "-p", str(process.pid), "-d", "-a", "0.5")
    assert any(re.search(r"main;--;[^;]+_\[k\];", stack) for stack in counts(result.stdout))


def test_comm_is_a_filter(build: Build) -> None:
    with running(build("threads")) as process:
        result = profile(process, "-F", "999", "--comm", "second", "0.5")
    assert {stack.split(";")[0] for stack in counts(result.stdout)} == {"second"}


def test_children_are_followed_and_stacks_stand_below_the_names_asked_for(build: Build) -> None:
    with running(build("forks")) as process:
        result = profile(process, "-F", "999", "-p", str(process.pid), "--children", "--group", "comm,pid", "1")
    heads = {tuple(stack.split(";")[:2]) for stack in counts(result.stdout)}
    assert {comm for comm, _ in heads} == {"forks"}
    assert len({pid for _, pid in heads} - {f"pid {process.pid}"}) > 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_prints_what_was_gathered(build: Build, number: signal.Signals) -> None:
    with running(build("busy")) as process, sampling(process, "-F", "999", "-p", str(process.pid)) as run:
        time.sleep(0.5)
        run.send_signal(number)
        output, errors = run.communicate(timeout=30)
    assert any("heavy" in stack for stack in counts(output)), errors
    assert run.returncode == 0


def test_it_ends_when_its_target_does_and_says_so(build: Build) -> None:
    with running(build("busy")) as process, sampling(process, "-F", "999", "-p", str(process.pid), "60") as run:
        time.sleep(0.5)
        process.kill()
        process.wait()
        output, errors = run.communicate(timeout=30)
    assert f"{process.pid} exited after" in errors
    assert counts(output)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["-F", "0", "1"], "frequency"),
        (["-F", "1000000", "1"], "frequency"),
        (["-F", "99", "-c", "10000000", "1"], "frequency and count exclude each other"),
        (["-U", "-K", "1"], "user_only and kernel_only exclude each other"),
        (["-p", "web", "1"], "'web' is not a number"),
        (["-p", "4194304", "1"], "pid 4194304 does not exist"),
        (["0"], "duration_s"),
        (["--cgroup", "web", "1"], "cgroup"),
        (["-C", "4095", "0.5"], "CPU 4095 is not online"),
        (["--container", "no-such", "1"], "container no-such does not exist on this host; there are"),
        (["--unit", "no-such", "1"], "unit no-such.service does not exist on this host; there are"),
        (["--unit", "../x", "1"], "unit"),
        (["--container", "a", "--unit", "b", "1"], "container and unit exclude each other"),
        (["--children", "1"], "children needs a target"),
        (["--group", "colour", "1"], "'colour' is not a list of comm, pid, tid, cgroup, container, unit"),
    ],
)
def test_bad_input_is_named_and_nothing_is_printed(arguments: list[str], text: str) -> None:
    result = CliRunner().invoke(main, ["profile", *arguments])
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code != 0
    assert text in result.stderr
    assert result.stdout == ""


def test_it_needs_no_django() -> None:
    code = "import sys, webprof.cli.profile; print([name for name in sys.modules if name.split('.')[0] == 'django'])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
