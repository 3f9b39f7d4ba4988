"""Which probes run here is told one by one, with what is missing and which kernel has it."""

import sys
from pathlib import Path

import pytest

from profiler.agent.checks import places, probe_checks
from profiler.agent.kernel import tracefs
from profiler.agent.kernel.tracefs import has_tracepoint, tracepoint_id
from profiler.core.inventory import Capability
from profiler.core.probe import Emits, Hook, Probe

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


def test_probes_in_the_code_of_programs_are_refused_where_the_kernel_refuses_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = Probe("places", "Places", "", Emits.STACKS, (), 100, at_places=True)
    monkeypatch.setattr(places, "UPROBES", tmp_path / "uprobe")
    found = probe_checks.probe_capability(probe)
    assert "this kernel has no uprobes" in found.reason
    assert "CONFIG_UPROBE_EVENTS" in found.fix
    (tmp_path / "uprobe").mkdir()
    (tmp_path / "uprobe" / "type").write_text("4000000\n")
    assert "refused a probe in the code of a program" in probe_checks.probe_capability(probe).reason


def test_where_a_program_begins_is_told_by_its_file_alone(tmp_path: Path) -> None:
    assert places.first_instruction(Path(sys.executable)) > 0
    (tmp_path / "script").write_text("#!/bin/sh\n")
    with pytest.raises(OSError, match="is no program"):
        places.first_instruction(tmp_path / "script")


def test_an_event_that_tells_less_is_taken_as_far_as_it_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracefs, "TRACEFS", (tmp_path,))
    events(tmp_path, "oom:mark_victim")
    field = Hook("fields", "", "FIELDS", formats=("oom:mark_victim.total_vm",))
    probe = Probe(
        "kills", "", "", Emits.EVENTS, ("oom:mark_victim",), 0, hooks=(field, Hook("less", "it is less", "LESS"))
    )
    format_file = tmp_path / "events" / "oom" / "mark_victim" / "format"
    format_file.write_text("\tfield:int pid;\toffset:8;\tsize:4;\tsigned:1;\n")
    assert probe_checks.probe_capability(probe).how == (
        "less: it is less (not fields: tracepoints here do not tell oom:mark_victim.total_vm)"
    )
    format_file.write_text("\tfield:unsigned long total_vm;\toffset:16;\tsize:8;\tsigned:0;\n")
    assert probe_checks.probe_way(probe).hook == field


@pytest.mark.parametrize("name", ["../../../etc:passwd", "sched", "sched:sched_switch:x", "", "sched:a b", "a:b\n"])
def test_what_is_no_tracepoint_makes_no_path(name: str) -> None:
    with pytest.raises(ValueError, match="give category:event"):
        tracepoint_id(name)


def test_one_that_no_kernel_has_is_none() -> None:
    assert not has_tracepoint("sched:no_such_event")
