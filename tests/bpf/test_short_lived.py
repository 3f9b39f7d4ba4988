"""Processes that have ended before their samples are read."""

import contextlib
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from profiler.agent.kernel.counts import online_cpus
from profiler.agent.sampling import recording
from profiler.agent.sampling.recording import Recording
from profiler.agent.symbols import mount_roots
from profiler.agent.symbols.maps import Mapping
from profiler.agent.symbols.modules import ModuleCache
from profiler.agent.symbols.mount_roots import MountRoots
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.harness import PATIENCE_S, stacks
from tests.debuginfo.programs import compiled

pytestmark = pytest.mark.bpf

# Processes of some milliseconds each. A shell that stays between two looks at what is new, which is when files are met
# that only it and its children see; it needs no time for programs to be many.
MANY = "for i in $(seq 60); do {program} 5000000 >/dev/null; done"
# Of the 0.9 s that they compute here, on a machine several times as fast: how long their starts take is another matter.
MIN_SPINNING = 100
STAYING = MANY + f"; sleep {2 * recording.DRAIN_INTERVAL_S}"


def storm(program: Path, prefix: tuple[str, ...] = (), loop: str = MANY) -> Profile:
    sampled = Recording(RecordingSpec(frequency=999, user_only=True), ProfileMeta(), Symbolizer())
    sampled.start()
    subprocess.run([*prefix, "sh", "-c", loop.format(program=program)], check=True, timeout=4 * PATIENCE_S)
    return sampled.named(sampled.stop(), PATIENCE_S)


def of_command(profile: Profile, comm: str) -> dict[tuple[str, ...], int]:
    pids = {thread.pid for thread in profile.threads if thread.comm == comm}
    assert len(pids) > 20
    found: dict[tuple[str, ...], int] = {}
    for pid in pids:
        for stack, count in stacks(profile, pid).items():
            found[stack] = found.get(stack, 0) + count
    return found


@pytest.mark.alone
def test_they_have_their_functions_inlined_ones_too(tmp_path: Path) -> None:
    found = of_command(storm(compiled("inlined.c", tmp_path)), "inlined")
    nameless = sum(count for stack, count in found.items() if {"[process gone]", "[unknown]"} & set(stack))
    spinning = sum(count for stack, count in found.items() if "spin" in stack)
    inlined = sum(count for stack, count in found.items() if stack[-1] == "mix")
    assert nameless < 0.02 * sum(found.values()), found
    assert spinning > MIN_SPINNING, found  # the rest is being started
    assert inlined > 0.4 * spinning, found


def only_seen_by_its_own(directory: Path) -> tuple[Path, tuple[str, ...]]:
    """A program on a mount that is made by the command returned, and seen by what that is told to run."""
    program, inside = compiled("inlined.c", directory), directory / "inside"
    inside.mkdir()
    mount = 'mount -t tmpfs none "$0" && cp "$1" "$0" && shift && exec "$@"'
    return inside / "inlined", ("unshare", "--mount", "sh", "-c", mount, str(inside), str(program))


@pytest.mark.alone
def test_a_file_that_only_they_and_their_container_see_has_its_functions(tmp_path: Path) -> None:
    """The program is on a file system that is mounted in the shell's mount namespace, and nowhere else."""
    program, prefix = only_seen_by_its_own(tmp_path)
    found = of_command(storm(program, prefix, STAYING), "inlined")
    assert not program.exists()
    nameless = sum(count for stack, count in found.items() if any(frame.startswith("inlined+") for frame in stack))
    spinning = sum(count for stack, count in found.items() if "spin" in stack)
    assert spinning > MIN_SPINNING, found
    assert nameless < 0.02 * spinning, (nameless, found)


def test_a_file_on_a_mount_that_goes_with_its_container_is_read_before(tmp_path: Path) -> None:
    program, prefix = only_seen_by_its_own(tmp_path)
    symbolizer = Symbolizer()
    with symbolizer.following_mappings(online_cpus()) as events:
        assert events
        with subprocess.Popen([*prefix, program], stdout=subprocess.DEVNULL) as process:
            try:
                wait_for_comm(process.pid, "inlined")
                symbolizer.drain_mapping_events()
            finally:
                process.kill()
        maps = events.maps(process.pid)
        assert maps
        mapping = next(mapping for mapping in maps.mappings if mapping.module == "inlined")
        place = symbolizer.process(process.pid).space.place(mapping.start)
        assert place
        assert place[0].image.symbols


def test_a_container_s_root_is_held_when_its_last_process_is_gone_and_let_go_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, root = compiled("inlined.c", tmp_path, "-static"), tmp_path / "root"
    (root / "bin").mkdir(parents=True)
    program.rename(root / "bin/inlined")
    roots = MountRoots()
    with subprocess.Popen(["unshare", "--mount", "chroot", root, "/bin/inlined"], stdout=subprocess.DEVNULL) as process:
        try:
            wait_for_comm(process.pid, "inlined")
            assert roots.meet(process.pid)
            assert roots.meet(process.pid)
            assert len(roots) == 1
        finally:
            process.kill()
    inode = (root / "bin/inlined").stat().st_ino
    mapping = Mapping(0x401000, 0x402000, 0x1000, inode, "/bin/inlined")
    assert not ModuleCache().of_file(process.pid, mapping).image.symbols
    assert ModuleCache(roots.roots).of_file(process.pid, mapping).image.symbols
    other = mapping._replace(inode=inode + 1)
    assert not ModuleCache(roots.roots).of_file(process.pid, other).image.symbols
    assert not roots.meet(process.pid)
    assert not roots.expire()
    monkeypatch.setattr(mount_roots, "LIFETIME_S", 0.0)
    assert roots.expire()
    assert len(roots) == 0


def test_as_many_roots_are_held_as_the_bound_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mount_roots, "MAX_ROOTS", 2)
    roots, before = MountRoots(), len(list(Path("/proc/self/fd").iterdir()))
    assert roots.meet(os.getpid())  # ours needs no holding
    assert len(roots) == 0
    with contextlib.ExitStack() as living:
        for _ in range(3):
            process = living.enter_context(subprocess.Popen(["unshare", "--mount", "cat"], stdin=subprocess.PIPE))
            wait_for_comm(process.pid, "cat")
            assert roots.meet(process.pid)
    assert len(roots) == len(list(roots.roots())) == 2
    roots.clear()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def wait_for_comm(pid: int, comm: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while Path(f"/proc/{pid}/comm").read_text().strip() != comm:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.alone
def test_forks_of_a_process_have_the_mappings_of_their_parent() -> None:
    """A shell's subshells are forks without exec; this shell begins while we record."""
    sampled = Recording(RecordingSpec(frequency=999, user_only=True), ProfileMeta(), Symbolizer())
    sampled.start()
    loop = "for i in $(seq 50); do (n=0; while [ $n -lt 1000 ]; do n=$((n+1)); done); done"
    subprocess.run(["bash", "-c", loop], check=True, timeout=4 * PATIENCE_S)
    found = of_command(sampled.named(sampled.stop(), PATIENCE_S), "bash")
    gone = sum(count for stack, count in found.items() if "[process gone]" in stack)
    assert gone < 0.1 * sum(found.values()), gone  # a sample in an exit has no mappings any more


def test_events_end_with_the_recording() -> None:
    symbolizer = Symbolizer()
    sampled = Recording(RecordingSpec(user_only=True), ProfileMeta(), symbolizer)
    sampled.start()
    assert len(symbolizer._mapping_events) == 1
    threading.Event().wait(0.2)
    sampled.stop()
    assert symbolizer._mapping_events == []
