"""Inlined functions, source lines and names of real recordings, against what the sources say."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from profiler.core import batch
from profiler.core.frame import FrameKind
from profiler.core.profile import Profile
from profiler.core.spec import RecordingSpec
from tests.bpf.harness import record_samples, running
from tests.debuginfo.programs import compiled, compiled_rust, line_of

pytestmark = pytest.mark.bpf

MIX, TWICE, SPIN, MAIN = (
    line_of("inlined.c", text) for text in ("unsigned mix(", "unsigned twice(", "unsigned spin(", "int main(")
)
# From main on: what a debugger shows, too.
WHOLE = (
    f"main inlined.c:{MAIN} → spin inlined.c:{SPIN} → (twice inlined.c:{TWICE}) → (mix inlined.c:{MIX})",
    f"main inlined.c:{MAIN} → spin inlined.c:{SPIN} → (twice inlined.c:{TWICE})",
    f"main inlined.c:{MAIN} → spin inlined.c:{SPIN}",
)


def profile_of(program: Path, samples: int = 150) -> Profile:
    with running(program) as process:
        return record_samples(RecordingSpec(frequency=999, pids=(process.pid,), user_only=True), samples)


def from_main(profile: Profile, start: str = "main") -> dict[str, int]:
    """Samples by stack, from `start` on, as text: functions with their lines, inlined ones in parentheses."""
    found: dict[str, int] = {}
    for node, value in zip(profile.node.tolist(), profile.value.tolist(), strict=True):
        frames = [profile.frames[frame] for frame in profile.stacks.path(node)]
        texts = [
            f"({text})" if frame.kind is FrameKind.INLINED else text
            for frame in frames
            for text in [f"{frame.name} {Path(frame.file).name}:{frame.line}" if frame.file else frame.name]
        ]
        names = [frame.name for frame in frames]
        text = " → ".join(texts[names.index(start) :] if start in names else texts)
        found[text] = found.get(text, 0) + value
    return found


def share_of(stacks: dict[str, int], *expected: str) -> float:
    return sum(stacks.get(text, 0) for text in expected) / sum(stacks.values())


def test_a_first_recording_shows_inlined_functions_and_where_each_function_begins(tmp_path: Path) -> None:
    stacks = from_main(profile_of(compiled("inlined.c", tmp_path)))
    assert share_of(stacks, *WHOLE) > 0.95, stacks
    assert share_of(stacks, WHOLE[0]) > 0.3, stacks


def test_a_frame_of_a_finished_profile_has_no_address_when_it_has_a_name(tmp_path: Path) -> None:
    profile = profile_of(compiled("inlined.c", tmp_path))
    assert all(frame.name.endswith(f"+{frame.offset:#x}") for frame in profile.frames if frame.offset)


def test_rust_functions_have_their_paths(tmp_path: Path) -> None:
    stacks = from_main(profile_of(compiled_rust("shapes.rs", tmp_path, "v0")), "shapes::main")
    area, folded = line_of("shapes.rs", "fn area(&self, rounds: u64) -> u64 {"), line_of("shapes.rs", "fn folded(")
    whole = f"<shapes::Square as shapes::Shape>::area shapes.rs:{area} → (shapes::folded shapes.rs:{folded})"
    # The rest of the time goes into the loop around it.
    assert sum(count for stack, count in stacks.items() if whole in stack) / sum(stacks.values()) > 0.2, stacks


def test_c_plus_plus_functions_have_their_classes_and_types(tmp_path: Path) -> None:
    stacks = from_main(profile_of(compiled("templates.cpp", tmp_path)))
    total = line_of("templates.cpp", "Item total(")
    expected = f"shop::Basket<double>::total(unsigned int) const templates.cpp:{total}"
    assert sum(count for stack, count in stacks.items() if expected in stack) / sum(stacks.values()) > 0.9, stacks


def test_a_stripped_program_shows_them_from_the_file_that_its_debug_link_names(tmp_path: Path) -> None:
    stripped = with_debug_link(tmp_path)
    assert share_of(from_main(profile_of(stripped)), *WHOLE) > 0.95


def test_a_file_in_the_place_of_the_linked_one_is_not_believed(tmp_path: Path) -> None:
    stripped = with_debug_link(tmp_path)
    shutil.copy(compiled("templates.cpp", tmp_path), tmp_path / ".debug" / "inlined.debug")
    profile = profile_of(stripped)
    assert profile.quality.unknown["stripped"] > profile.quality.samples * 0.9


def with_debug_link(directory: Path) -> Path:
    """A stripped program without build id, and its debug file in .debug beside it."""
    program = compiled("inlined.c", directory, "-Wl,--build-id=none")
    (directory / ".debug").mkdir()
    debug, stripped = directory / ".debug" / "inlined.debug", directory / "stripped"
    subprocess.run(["objcopy", "--only-keep-debug", program, debug], check=True)
    subprocess.run(["strip", "-o", stripped, program], check=True)
    subprocess.run(["objcopy", f"--add-gnu-debuglink={debug}", stripped], check=True)
    return stripped


def test_a_deleted_program_still_shows_its_inlined_functions(tmp_path: Path) -> None:
    program = compiled("inlined.c", tmp_path)
    with running(program) as process:
        program.unlink()
        profile = record_samples(RecordingSpec(frequency=999, pids=(process.pid,), user_only=True), 150)
    assert share_of(from_main(profile), *WHOLE) > 0.95


def test_a_program_in_another_root_and_mount_namespace_is_read_there(tmp_path: Path) -> None:
    """A container, as far as files go: its path leads nowhere on the host, its debug file is inside."""
    program = compiled("inlined.c", tmp_path, "-static")
    root = tmp_path / "root"
    (root / "bin").mkdir(parents=True)
    (root / "usr/lib/debug/bin").mkdir(parents=True)
    debug = root / "usr/lib/debug/bin/inlined.debug"
    subprocess.run(["objcopy", "--only-keep-debug", program, debug], check=True)
    subprocess.run(["strip", "-o", root / "bin/inlined", program], check=True)
    subprocess.run(["objcopy", f"--add-gnu-debuglink={debug}", root / "bin/inlined"], check=True)
    command = ["unshare", "--mount", "--fork", "chroot", str(root), "/bin/inlined"]
    with subprocess.Popen(command) as shell:
        try:
            pid = wait_for_child(shell.pid)
            profile = record_samples(RecordingSpec(frequency=999, pids=(pid,), user_only=True), 150)
            os.kill(pid, 9)
        finally:
            shell.kill()
    assert share_of(from_main(profile), *WHOLE) > 0.95, from_main(profile)


def wait_for_child(parent: int) -> int:
    while True:
        for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            if Path(f"/proc/{pid}/comm").read_text().strip() == "inlined":
                return int(pid)


def test_what_has_no_name_keeps_module_address_and_build_id_through_a_batch(tmp_path: Path) -> None:
    program, stripped = compiled("inlined.c", tmp_path, "-g0"), tmp_path / "stripped"
    subprocess.run(["strip", "-o", stripped, program], check=True)
    sent = batch.decode(batch.encode(profile_of(stripped)))
    notes = subprocess.run(["readelf", "-n", program], capture_output=True, text=True, check=True).stdout
    symbols = subprocess.run(["nm", "-S", program], capture_output=True, text=True, check=True).stdout
    start, size = next(
        (int(line.split()[0], 16), int(line.split()[1], 16)) for line in symbols.splitlines() if line.endswith(" spin")
    )
    inside = [frame for frame in sent.frames if frame.module == "stripped" and start <= frame.offset < start + size]
    assert inside
    assert all(f"Build ID: {frame.build_id}" in notes for frame in inside)
