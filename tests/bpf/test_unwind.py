"""Whole stacks on the real kernel: programs without frame pointers whose call chains are known."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.unwind_targets import BASH, NODE, PERL, PYTHON
from profiler.agent.kernel import program
from profiler.agent.unwind import kernel_mappings, unwinder
from profiler.core.profile import Profile
from profiler.core.spec import RecordingSpec
from tests.bpf.harness import record, record_samples, running, stacks
from tests.pythons import MINORS, releases

pytestmark = pytest.mark.bpf

WORKLOADS = Path(__file__).parent.parent / "workloads"
FLOOR = 0.995
PYTHONS = [str(path) for minor in MINORS for path in releases(minor)]

Build = Callable[[str], Path]


@pytest.fixture(scope="module")
def build_optimised(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """As distributions compile: optimised and without frame pointers."""
    directory = tmp_path_factory.mktemp("optimised")

    def compile_one(name: str) -> Path:
        flags = ["-O2", "-fomit-frame-pointer", "-pthread"]
        subprocess.run(["gcc", *flags, "-o", directory / name, WORKLOADS / f"{name}.c"], check=True)
        return directory / name

    return compile_one


@contextmanager
def busy(command: list[str]) -> Iterator[int]:
    """An interpreter at work, past its start-up."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    try:
        while _cpu_ticks(process.pid) < 30:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process.pid
    finally:
        process.kill()
        process.wait()


def _cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def whole_share(profile: Profile) -> float:
    """Part of the samples with a user stack that reach the entry."""
    outcomes = Counter(profile.quality.outcomes)
    return outcomes["end"] / max(1, outcomes.total() - outcomes["kernel only"])


def chains(profile: Profile) -> Counter[str]:
    """Samples by functions, root first; repeated ones once, with their number."""
    found: Counter[str] = Counter()
    for stack, count in stacks(profile).items():
        short: list[list[str | int]] = []
        for name in stack:
            plain = name.split("@")[0].split(".part.")[0]
            if short and short[-1][0] == plain:
                short[-1][1] = int(short[-1][1]) + 1
            else:
                short.append([plain, 1])
        found[" ".join(f"{name}*{times}" if times != 1 else str(name) for name, times in short)] += count
    return found


def test_call_chains_without_frame_pointers_are_as_the_source_says(build_optimised: Build) -> None:
    with running(build_optimised("nofp")) as process:
        profile = record_samples(RecordingSpec(frequency=499, pids=(process.pid,)), 1000)
    assert whole_share(profile) >= FLOOR
    # The sort calls itself, more often than the stack shows where libc's debug information tells what was inlined.
    found = {re.sub(r"msort_with_tmp\*\d+", "msort_with_tmp", chain) for chain in chains(profile)}
    in_main = "_start __libc_start_main __libc_start_call_main main work descend*41"
    in_thread = "clone3 start_thread work descend*41"
    for chain in (
        f"{in_main} burn",
        f"{in_thread} burn",
        f"{in_main} with_alloca burn",
        f"{in_thread} with_alloca burn",
        f"{in_main} sort_some qsort_r msort_with_tmp compare burn",
        f"{in_thread} sort_some qsort_r msort_with_tmp compare burn",
    ):
        assert chain in found
    # What the handler returns to, __restore_rt, has no symbol in a stripped libc.
    interrupted = [before for chain in found if (before := re.sub(r" \S+ handle_signal burn$", "", chain)) != chain]
    assert any(chain.startswith(in_main) for chain in interrupted)
    assert any(chain.startswith(in_thread) for chain in interrupted)


def test_the_kernels_code_in_user_space_is_walked_through(build_optimised: Build) -> None:
    with running(build_optimised("vdso")) as process:
        profile = record_samples(RecordingSpec(frequency=499, pids=(process.pid,)), 100)
    assert whole_share(profile) >= FLOOR
    caller = "_start __libc_start_main __libc_start_call_main main ask_the_time clock_gettime*2"  # libc, then the vdso
    inside = sum(count for chain, count in chains(profile).items() if chain.startswith(caller))
    assert inside > 0.5 * profile.quality.samples


@pytest.mark.alone
def test_children_have_the_tables_of_their_parent(build_optimised: Build) -> None:
    """They live for milliseconds: nobody could read their mappings in time."""
    spec = RecordingSpec(frequency=499, comm="forks")
    with running(build_optimised("forks")):
        # The first ones come before the rows of the binary are known.
        profile = record_samples(spec, 1000, since=lambda delta: whole_share(delta) >= FLOOR)
    assert whole_share(profile) >= 0.95
    chain = "_start __libc_start_main __libc_start_call_main main child burn"
    assert chains(profile)[chain] > 0  # children that ended before they were asked have no names
    assert len({profile.threads[thread].pid for thread in profile.thread}) > 10


def test_a_binary_that_was_deleted_while_it_runs_is_walked(build_optimised: Build, tmp_path: Path) -> None:
    binary = tmp_path / "gone"
    shutil.copy(build_optimised("vdso"), binary)
    with running(binary) as process:
        binary.unlink()
        profile = record_samples(RecordingSpec(frequency=499, pids=(process.pid,)), 100)
    assert whole_share(profile) >= FLOOR


def test_a_library_loaded_later_is_found(tmp_path: Path) -> None:
    code = "import time; time.sleep(3); import zlib; data = bytes(100000)\nwhile True: zlib.compress(data, 9)"
    process = subprocess.Popen(["/usr/bin/python3", "-c", code])
    try:
        profile = record(RecordingSpec(frequency=499, pids=(process.pid,)), 6)
    finally:
        process.kill()
        process.wait()
    assert any("deflate" in stack for stack in stacks(profile))
    assert profile.quality.outcomes["end"] > 0.98 * profile.quality.samples


def test_a_process_of_5000_mappings_keeps_its_samples_and_says_what_was_left_out() -> None:
    code = (
        "import mmap\nheld = [mmap.mmap(-1, 4096, prot=(1 if i % 2 else 5)) for i in range(10000)]\n"
        "print(flush=True)\nwhile True: sum(range(1000))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        profile = record_samples(RecordingSpec(frequency=499, pids=(process.pid,)), 100)
    finally:
        process.kill()
        process.communicate()
    assert whole_share(profile) >= FLOOR
    assert profile.quality.skipped["mappings over the limit"] >= 3900


@pytest.mark.parametrize(
    "command", [["bash", "-c", BASH], ["perl", "-e", PERL], ["node", "-e", NODE]], ids=lambda c: c[0]
)
def test_interpreters_of_the_distribution_are_walked_to_their_entry(command: list[str]) -> None:
    with busy(command) as pid:
        profile = record_samples(RecordingSpec(frequency=499, pids=(pid,)), 250)
    assert whole_share(profile) >= FLOOR


def test_the_distributions_python_is_walked_to_its_entry() -> None:
    """Other versions: test_python.py."""
    with busy(["/usr/bin/python3", "-c", PYTHON]) as pid:
        profile = record_samples(RecordingSpec(frequency=499, pids=(pid,)), 250)
    assert whole_share(profile) >= FLOOR


def test_a_kernel_that_refuses_the_tables_gets_frame_pointers_and_the_profile_says_so(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(unwinder.SIZES, "ROW_ENTRIES", 0)
    with running(build("busy")) as process:
        profile = record_samples(RecordingSpec(frequency=499, pids=(process.pid,)), 100)
    assert set(profile.quality.outcomes) == {"frame pointers"}
    assert any("main" in stack for stack in stacks(profile))


@pytest.fixture
def compile_loop(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "a.c").write_text('#include <stdio.h>\nint main(void) { return printf(""); }\n')
    loop = "while :; do gcc -O1 a.c -o a; ./a; ls -l / | sort | awk '{print $1}'; done"
    group = subprocess.Popen(["bash", "-c", loop], cwd=tmp_path, stdout=subprocess.DEVNULL, start_new_session=True)
    yield
    os.killpg(group.pid, signal.SIGKILL)
    group.wait()


@pytest.mark.alone
def test_forks_and_execs_leave_few_stacks_cut(compile_loop: None) -> None:
    """Its processes live for milliseconds; the rows of its programs are known."""
    spec = RecordingSpec(frequency=499, comm="cc1")
    deadline = time.monotonic() + 120
    while record_samples(spec, 50).quality.outcomes.get("file not parsed yet"):
        assert time.monotonic() < deadline
    assert whole_share(record_samples(spec, 200)) >= 0.85


@pytest.mark.alone
def test_without_the_kernels_mappings_short_processes_are_still_asked_for(
    compile_loop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kernels before 6.1, or without BTF: tables come when the agent has read them."""
    monkeypatch.setattr(kernel_mappings, "kernel_offsets", dict)
    profile = record_samples(RecordingSpec(frequency=499), 500)
    assert profile.quality.outcomes["end"] > 0.2 * profile.quality.samples


def test_a_refused_walk_of_a_runtime_leaves_native_stacks_whole(
    build_optimised: Build, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(program, "_RUNTIME_WALKS", ("no_such_walk",))
    with running(build_optimised("vdso")) as process:
        profile = record_samples(RecordingSpec(frequency=499, pids=(process.pid,)), 100)
    assert whole_share(profile) >= FLOOR
    assert "recorded without no_such_walk" in caplog.text


@pytest.mark.alone
def test_tables_too_small_for_the_host_keep_every_sample_and_say_what_is_left_out(
    build_optimised: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room for libc and little else, and for sixteen processes, on a host that runs more."""
    for name, size in (("ROW_ENTRIES", 40_000), ("MAPPING_ENTRIES", 128), ("PROCESS_ENTRIES", 16)):
        monkeypatch.setattr(unwinder, name, size)
        monkeypatch.setitem(unwinder.SIZES, name, size)
    with running(build_optimised("nofp")) as process, busy(["/usr/bin/python3", "-c", PYTHON]) as python:
        everything = record_samples(RecordingSpec(frequency=499), 1500)
        alone = record_samples(RecordingSpec(frequency=499, pids=(process.pid,)), 200)
    sampled = {everything.threads[thread].pid for thread in everything.thread.tolist()}
    assert {process.pid, python} <= sampled
    assert everything.quality.skipped["no room for rows"] > 0
    quality = everything.quality  # a host that is very busy may lose some
    assert sum(quality.outcomes.values()) == quality.samples - quality.lost_total
    assert whole_share(alone) >= FLOOR
