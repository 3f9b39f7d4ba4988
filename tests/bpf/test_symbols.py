"""Names of code that is hard to name, on processes that really run it."""

import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from profiler.agent.sampling.recording import Recording, shared_symbolizer
from profiler.agent.symbols import debug_files
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.core.frame import FrameKind
from profiler.core.profile import ProfileMeta
from profiler.core.select import of_rows
from profiler.core.spec import RecordingSpec
from profiler.core.unnamed import one_per_function
from profiler.debuginfo.image import read_elf_file
from tests.agent.servers import wait_for
from tests.bpf.conftest import Build
from tests.bpf.harness import cpu_seconds, record_samples, running, share, stacks
from tests.debuginfo.programs import code_of

pytestmark = pytest.mark.bpf
GONE = 2**22  # and what follows: higher than any process id


def test_compiled_code_has_the_name_from_its_perf_map(build: Build) -> None:
    with running(build("jit")) as process:
        try:
            profile = record_samples(RecordingSpec(frequency=999, pids=(process.pid,), user_only=True), 100)
        finally:
            Path(f"/tmp/perf-{process.pid}.map").unlink(missing_ok=True)  # noqa: S108 - where compilers put it
    assert share(stacks(profile), "compiled_loop") > 0.9
    assert {frame.kind for frame in profile.frames if frame.name == "compiled_loop"} == {FrameKind.JIT}


@pytest.mark.parametrize(
    "garbage",
    [os.urandom(1 << 16), b"%x 9" % 2**63 * 10_000, b"0 ffffffffffffffff everything\n"],
    ids=["noise", "one line", "all of memory"],
)
def test_a_perf_map_of_garbage_costs_names_and_no_samples(build: Build, garbage: bytes) -> None:
    with running(build("jit")) as process:
        perf_map = Path(f"/tmp/perf-{process.pid}.map")  # noqa: S108 - where compilers put it
        wait_for(lambda: perf_map.exists() and perf_map.stat().st_size, "the perf map")
        perf_map.write_bytes(garbage)
        try:
            profile = record_samples(RecordingSpec(frequency=999, pids=(process.pid,), user_only=True), 100)
        finally:
            perf_map.unlink()
    assert profile.total == profile.quality.samples >= 100
    names = {frame.name for frame in profile.frames}
    assert "_start" in names
    assert "compiled_loop" not in names
    assert sum(profile.quality.outcomes.values()) == profile.total


def test_a_deleted_program_still_has_its_names(build: Build, tmp_path: Path) -> None:
    binary = tmp_path / "deleted"
    shutil.copy(build("busy"), binary)
    with running(binary) as process:
        binary.unlink()
        profile = record_samples(RecordingSpec(frequency=999, pids=(process.pid,), user_only=True), 100)
    assert share(stacks(profile), "heavy") > 0.5


def test_a_program_replaced_while_it_runs_keeps_the_names_of_the_running_one(build: Build, tmp_path: Path) -> None:
    binary = tmp_path / "replaced"
    shutil.copy(build("busy"), binary)
    with running(binary) as process:
        binary.unlink()
        shutil.copy(build("jit"), binary)
        profile = record_samples(RecordingSpec(frequency=999, pids=(process.pid,), user_only=True), 100)
    assert share(stacks(profile), "heavy") > 0.5


def test_a_stripped_program_is_shown_by_its_functions_and_counted_as_unknown(build: Build, tmp_path: Path) -> None:
    binary = tmp_path / "stripped"
    subprocess.run(["strip", "-o", binary, build("busy")], check=True)
    with running(binary) as process:
        profile = record_samples(RecordingSpec(frequency=999, pids=(process.pid,), user_only=True), 100)
    assert profile.quality.unknown["stripped"] > profile.quality.samples * 0.9
    (facts,) = [one for one in profile.quality.modules if one.module == "stripped"]
    assert facts.build_id == next(frame.build_id for frame in profile.frames if frame.module == "stripped")
    assert facts.package == ""  # no package owns it
    heavy = f"stripped+{code_of(build('busy'), 'heavy').start:#x}"
    inside = {frame.offset for frame in profile.frames if frame.name == heavy}
    assert len(inside) > 0
    assert heavy not in {f"stripped+{offset:#x}" for offset in inside}, "the recording keeps the addresses themselves"
    assert share(stacks(one_per_function(profile)), heavy) > 0.5


def test_a_stripped_program_has_the_names_of_its_debug_file(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debug_files, "DEBUG_DIRECTORY", str(tmp_path / "debug").lstrip("/"))
    binary, debug = tmp_path / "stripped", tmp_path / "busy.debug"
    subprocess.run(["objcopy", "--only-keep-debug", build("busy"), debug], check=True)
    subprocess.run(["strip", "-o", binary, build("busy")], check=True)
    build_id = read_elf_file(binary).build_id
    (tmp_path / "debug" / ".build-id" / build_id[:2]).mkdir(parents=True)
    debug.rename(tmp_path / "debug" / ".build-id" / build_id[:2] / f"{build_id[2:]}.debug")
    with running(binary) as process:
        spec = RecordingSpec(frequency=999, pids=(process.pid,), user_only=True)
        recording = Recording(spec, ProfileMeta(), Symbolizer())
        recording.start()
        threading.Event().wait(0.5)
        profile = recording.stop()
    assert share(stacks(profile), "heavy") > 0.5


@pytest.mark.parametrize("whole_host", [False, True])
def test_names_survive_the_process_that_ends_before_the_poll(build: Build, whole_host: bool) -> None:
    """However much is remembered of others."""
    symbolizer = shared_symbolizer()
    for gone in range(GONE, GONE + 1100):
        symbolizer.process(gone)
    with running(build("busy")) as process:
        pids = () if whole_host else (process.pid,)
        recording = Recording(RecordingSpec(frequency=999, pids=pids, user_only=True), ProfileMeta())
        recording.start()
        begin = cpu_seconds(process.pid)
        wait_for(lambda: cpu_seconds(process.pid) > begin + 0.2, "the process to run")
    profile = recording.stop()
    of_process = {thread.pid: number for number, thread in enumerate(profile.threads)}[process.pid]
    kept = of_rows(profile, profile.thread == of_process)
    assert share(stacks(kept), "heavy") > 0.5
