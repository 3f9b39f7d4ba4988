"""Processes that are built, started or stored in other ways: whole stacks, or the reason why not."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from profiler.agent.unwind.mappings import MAX_MAPPINGS
from profiler.core.spec import RecordingSpec
from tests.bpf.conftest import WORKLOADS, Build
from tests.bpf.harness import record_samples, running, share, stacks
from tests.bpf.test_unwind import FLOOR, whole_share

pytestmark = pytest.mark.bpf

BIG_FRAME = """
static volatile unsigned long sink;
__attribute__((noinline)) static void burn(volatile char *room)
{ for (int i = 0; i < 100000; i++) sink += room[i & 7]; }
__attribute__((noinline)) static void big(void) { volatile char room[1 << 20]; room[3] = 1; burn(room); sink++; }
int main(void) { for (;;) { big(); sink++; } }
"""
BIG_ALLOCA = """
#include <alloca.h>
static volatile unsigned long sink;
__attribute__((noinline, noclone, noipa)) static void burn(volatile char *room)
{ for (int i = 0; i < 100000; i++) sink += room[i & 7]; }
__attribute__((noinline, noclone, noipa)) static void big(int size)
{ volatile char *room = alloca(size); room[3] = 1; burn(room); sink++; }
int main(void) { for (;;) { big(1 << 20); sink++; } }
"""
BITS_32 = "void _start(void) { volatile unsigned long sink = 0; for (;;) sink++; }"
NAMED = "static volatile unsigned long sink; __attribute__((noinline)) void {name}(void) {{ sink++; }}\n\
int main(void) {{ for (;;) {name}(); }}"


def compiled(directory: Path, source: str, *flags: str, compiler: str = "gcc", name: str = "program") -> Path:
    (directory / f"{name}.c").write_text(source)
    command = [compiler, *flags, "-o", str(directory / name), str(directory / f"{name}.c")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{compiler} {' '.join(flags)} does not work here: {done.stderr.splitlines()[-1]}")
    return directory / name


def spec(pid: int) -> RecordingSpec:
    return RecordingSpec(frequency=499, user_only=True, pids=(pid,))


@pytest.mark.parametrize("link", ["-static", "-Wl,--as-needed"])
def test_stacks_of_musl_programs_end_in_musls_own_code_and_say_so(tmp_path: Path, link: str) -> None:
    """Distributions build musl without unwind tables: also what it calls main from has none."""
    if not shutil.which("musl-gcc"):
        pytest.skip("musl-gcc is not installed")
    source = (WORKLOADS / "nofp.c").read_text()
    binary = compiled(tmp_path, source, "-O2", "-fomit-frame-pointer", "-D_GNU_SOURCE", link, compiler="musl-gcc")
    with running(binary) as process:
        profile = record_samples(spec(process.pid), 200)
    assert set(profile.quality.outcomes) <= {"end", "function without unwind rows", "code without unwind table"}
    assert sum(profile.quality.outcomes.values()) == profile.total
    through_own_code = [stack for stack in stacks(profile) if "with_alloca" in stack]
    assert through_own_code
    assert all(stack.count("descend") == 41 for stack in through_own_code)


def test_32_bit_code_keeps_its_samples_and_is_counted(tmp_path: Path) -> None:
    binary = compiled(tmp_path, BITS_32, "-m32", "-nostdlib", "-static", "-fno-pic")
    with running(binary) as process:
        profile = record_samples(spec(process.pid), 50)
    assert profile.quality.outcomes == {"not walked": profile.total}


def test_a_frame_beyond_the_reach_of_a_row_is_counted_and_its_function_shown(tmp_path: Path) -> None:
    binary = compiled(tmp_path, BIG_FRAME, "-O2", "-fomit-frame-pointer")
    with running(binary) as process:
        profile = record_samples(spec(process.pid), 100)
    assert profile.quality.outcomes["unwind rule not followed"] > 0.95 * profile.total
    assert share(stacks(profile), "big") > 0.95


def test_a_frame_of_a_megabyte_from_alloca_is_walked_through(tmp_path: Path) -> None:
    """Its function keeps the frame's start in a register, however large the frame is."""
    binary = compiled(tmp_path, BIG_ALLOCA, "-O2", "-fomit-frame-pointer")
    with running(binary) as process:
        profile = record_samples(spec(process.pid), 100)
    assert whole_share(profile) >= FLOOR
    assert stacks(profile).most_common(1)[0][0][-3:] == ("main", "big", "burn")


def test_code_in_one_of_5000_mappings_of_files_keeps_its_samples_and_is_counted(build: Build) -> None:
    with running(build("crowded")) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        profile = record_samples(spec(process.pid), 100)
    assert profile.total == profile.quality.samples
    assert profile.quality.outcomes == {"address in no mapping": profile.total}
    assert profile.quality.skipped["mappings over the limit"] > 5000 - MAX_MAPPINGS


def test_a_process_started_by_vfork_is_walked_to_its_entry(tmp_path: Path) -> None:
    binary = compiled(tmp_path, (WORKLOADS / "nofp.c").read_text(), "-O2", "-fomit-frame-pointer", "-pthread")
    start = f"import subprocess; p = subprocess.Popen([{str(binary)!r}]); print(p.pid, flush=True); p.wait()"
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        try:
            profile = record_samples(spec(pid), 200)
        finally:
            os.kill(pid, 9)
    assert whole_share(profile) >= FLOOR


def test_a_binary_replaced_while_it_runs_has_the_names_of_the_mapped_one(tmp_path: Path) -> None:
    old = compiled(tmp_path, NAMED.format(name="old_function"), "-O1", name="old")
    new = compiled(tmp_path, NAMED.format(name="new_function"), "-O1", name="new")
    with running(old) as process:
        new.rename(old)
        profile = record_samples(spec(process.pid), 100)
    found = stacks(profile)
    assert share(found, "old_function") > 0.3
    assert not any("new_function" in stack for stack in found)
    assert whole_share(profile) >= FLOOR


@pytest.fixture
def overlay(tmp_path: Path) -> Iterator[Path]:
    """A container's root file system: changes over an image."""
    lower, merged = tmp_path / "lower", tmp_path / "merged"
    for name in ("lower", "upper", "work", "merged"):
        (tmp_path / name).mkdir()
    compiled(lower, (WORKLOADS / "nofp.c").read_text(), "-O2", "-fomit-frame-pointer", "-pthread")
    options = f"lowerdir={lower},upperdir={tmp_path}/upper,workdir={tmp_path}/work"
    command = ["mount", "-t", "overlay", "overlay", "-o", options, str(merged)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no overlay file systems here: {done.stderr.strip()}")
    yield merged
    subprocess.run(["umount", "-l", merged], check=True)


def test_a_binary_on_an_overlay_is_walked_and_named(overlay: Path) -> None:
    """Its device and inode are others for stat than in the kernel's mappings."""
    with running(overlay / "program") as process:
        profile = record_samples(spec(process.pid), 200)
    assert whole_share(profile) >= FLOOR
    assert share(stacks(profile), "descend") > 0.9
