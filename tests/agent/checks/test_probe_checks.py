"""Which probes run here is told one by one, with what is missing and which kernel has it."""

from pathlib import Path

import pytest

from profiler.agent.checks import probe_checks
from profiler.agent.kernel import tracefs
from profiler.agent.kernel.tracefs import has_tracepoint, tracepoint_id
from profiler.core.inventory import Capability
from profiler.core.probe import Emits, Probe

LOCKS = Probe("locks", "Locks", "", Emits.STACKS, ("lock:contention_begin", "lock:contention_end"), 100)


def events(directory: Path, *names: str) -> None:
    for number, name in enumerate(names, start=7):
        place = directory / "events" / name.replace(":", "/")
        place.mkdir(parents=True)
        (place / "id").write_text(f"{number}\n")


def test_a_missing_tracepoint_is_named_with_the_kernel_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracefs, "TRACEFS", (tmp_path / "nowhere", tmp_path))
    events(tmp_path, "lock:contention_begin")
    found = probe_checks.probe_capability(LOCKS)
    assert not found.available
    assert found.reason.endswith("here has no tracepoint lock:contention_end")
    assert found.fix == "Linux 5.19 or later"
    events(tmp_path, "lock:contention_end")
    assert probe_checks.probe_capability(LOCKS).available


def test_where_the_kernel_tells_no_offsets_what_needs_them_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_checks, "KERNEL_BTF", tmp_path / "vmlinux")
    probe = Probe("deep", "Deep", "", Emits.STACKS, (), 100, offsets=("task_struct.mm",))
    assert "CONFIG_DEBUG_INFO_BTF" in probe_checks.probe_capability(probe).fix


def test_where_nothing_can_be_recorded_no_probe_runs_for_the_same_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_checks, "all_probes", lambda: {"locks": LOCKS})
    cpu = Capability(name="cpu", available=False, reason="user 7 may not load BPF programs", fix="run as root")
    (found,) = probe_checks.probe_capabilities([cpu])
    assert found == cpu.model_copy(update={"name": "locks"})


@pytest.mark.parametrize("name", ["../../../etc:passwd", "sched", "sched:sched_switch:x", "", "sched:a b", "a:b\n"])
def test_what_is_no_tracepoint_makes_no_path(name: str) -> None:
    with pytest.raises(ValueError, match="give category:event"):
        tracepoint_id(name)


def test_one_that_no_kernel_has_is_none() -> None:
    assert not has_tracepoint("sched:no_such_event")
