"""Processes that have ended before their samples are read."""

import subprocess
import threading
from pathlib import Path

import pytest

from profiler.agent.recording import Recording
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import RecordingSpec
from tests.bpf.harness import PATIENCE_S, stacks
from tests.debuginfo.programs import compiled

pytestmark = pytest.mark.bpf

# Processes of some milliseconds each, for which sampling sends its stacks every tenth of a second.
MANY = "for i in $(seq 60); do {program} 5000000 >/dev/null; done"


def storm(program: Path, prefix: tuple[str, ...] = ()) -> Profile:
    recording = Recording(RecordingSpec(frequency=999, user_only=True), ProfileMeta(), Symbolizer())
    recording.start()
    subprocess.run([*prefix, "sh", "-c", MANY.format(program=program)], check=True, timeout=4 * PATIENCE_S)
    return recording.named(recording.stop(), PATIENCE_S)


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
    assert spinning > 0.5 * sum(found.values()), found  # the rest is being started
    assert inlined > 0.2 * sum(found.values()), found


@pytest.mark.alone
def test_forks_of_a_process_have_the_mappings_of_their_parent() -> None:
    """A shell's subshells are forks without exec; this shell begins while we record."""
    recording = Recording(RecordingSpec(frequency=999, user_only=True), ProfileMeta(), Symbolizer())
    recording.start()
    loop = "for i in $(seq 50); do (n=0; while [ $n -lt 1000 ]; do n=$((n+1)); done); done"
    subprocess.run(["bash", "-c", loop], check=True, timeout=4 * PATIENCE_S)
    found = of_command(recording.named(recording.stop(), PATIENCE_S), "bash")
    gone = sum(count for stack, count in found.items() if "[process gone]" in stack)
    assert gone < 0.1 * sum(found.values()), gone  # a sample in an exit has no mappings any more


def test_events_end_with_the_recording() -> None:
    symbolizer = Symbolizer()
    recording = Recording(RecordingSpec(user_only=True), ProfileMeta(), symbolizer)
    recording.start()
    assert len(symbolizer._mapping_events) == 1
    threading.Event().wait(0.2)
    recording.stop()
    assert symbolizer._mapping_events == []
