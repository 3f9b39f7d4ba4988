"""What Java and Node.js say in their perf maps, and refusals of jcmd in words."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from profiler.agent.runtimes import perf_map_dump
from profiler.agent.runtimes.base import Process, Runtime
from profiler.agent.runtimes.jvm import CUT_HINT, FRAME_POINTERS, NAMES_HINT, SETTING, JvmRuntime
from profiler.agent.runtimes.node import HINT, NodeRuntime
from profiler.agent.runtimes.perf_map_dump import PerfMapDump, PerfMapDumpError
from profiler.agent.sampling.events import StackEvent, Task, WalkOutcome
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.symbols.process import ANONYMOUS
from profiler.agent.unwind.mappings import Mapping
from profiler.core.frame import Frame, FrameKind

PID = 4242
TABLE = FrameTable()


def refined_of(
    runtime: Runtime, frames: list[Frame], outcome: WalkOutcome = WalkOutcome.END
) -> tuple[list[Frame], str]:
    """Frames and hint."""
    refined = runtime.refine(event(outcome), [TABLE.number(frame) for frame in frames])
    assert refined is not None
    return [TABLE[number] for number in refined.frames], refined.hint


def event(outcome: WalkOutcome = WalkOutcome.END) -> StackEvent:
    return StackEvent(0, Task(PID, PID, "app"), outcome, False, (), (1,))


class Named(Process):
    """A process that is only what the test says."""

    executable = "/opt/app/bin/node"
    options = ""


def node(options: str = "") -> NodeRuntime:
    runtime = NodeRuntime(TABLE)
    runtime.adopt(type("With", (Named,), {"options": options})(PID, []))
    return runtime


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("JS:*leaf /app/web.js:2:14", ("leaf", "web.js", "/app/web.js", 2)),
        ("JS:~ /app/web.js:1:1", ("(anonymous)", "web.js", "/app/web.js", 1)),
        ("JS:^meth file:///app/my site/web.mjs:15:3", ("meth", "web.mjs", "file:///app/my site/web.mjs", 15)),
        ("JS:~prepare node:internal/process/pre:52:36", ("prepare", "pre", "node:internal/process/pre", 52)),
        ("LazyCompile:*old /app/web.js:7:1", ("old", "web.js", "/app/web.js", 7)),
    ],
)
def test_names_of_v8_are_taken_apart(name: str, expected: tuple[str, str, str, int]) -> None:
    (frame,), _ = refined_of(node(), [Frame(name, FrameKind.JIT, "[jit]")])
    assert (frame.name, frame.module, frame.file, frame.line) == expected
    assert frame.kind is FrameKind.JAVASCRIPT


@pytest.mark.parametrize("name", ["Builtin:ArrayMap", "BytecodeHandler:Add", "garbage", "JS:"])
def test_what_is_no_function_of_the_program_keeps_its_name(name: str) -> None:
    frame = Frame(name, FrameKind.JIT, "[jit]")
    assert refined_of(node(), [frame])[0] == [frame]


def test_node_hints_only_when_names_are_missing_and_the_option_is_too() -> None:
    named = [Frame("JS:*f /a.js:1:1", FrameKind.JIT)]
    cases = [("", [ANONYMOUS], HINT), ("", named, ""), ("--perf-basic-prof", [ANONYMOUS], "")]
    for options, frames, hint in cases:
        assert refined_of(node(options), frames)[1] == hint


def test_a_process_that_became_something_else_is_no_longer_nodes() -> None:
    runtime = node()
    runtime.adopt(type("Sh", (Named,), {"executable": "/bin/sh"})(PID, []))
    assert runtime.refine(event(), [TABLE.number(ANONYMOUS)]) is None


def machine(options: str = "") -> JvmRuntime:
    runtime = JvmRuntime(TABLE, lambda _pid: None)
    library = Mapping(0x1000, 0x2000, 0, 5, "/usr/lib/jvm/lib/server/libjvm.so")
    runtime.adopt(type("Java", (Named,), {"executable": "/bin/java", "options": options})(PID, [library]))
    return runtime


ENTRY, INTERPRETED, COMPILED = (
    Frame("call_helper"),
    Frame("Interpreter", FrameKind.JIT),
    Frame("int f()", FrameKind.JIT),
)
STUB, NATIVE = Frame("new_instance Runtime1 stub", FrameKind.JIT), Frame("allocate")


@pytest.mark.parametrize(
    ("stack", "believed"),
    [
        ([ENTRY, COMPILED], 1),
        ([ENTRY, INTERPRETED, COMPILED, INTERPRETED, NATIVE], 2),
        ([ENTRY, COMPILED, INTERPRETED, COMPILED, STUB, NATIVE], 3),
        ([ENTRY, INTERPRETED, ANONYMOUS], 2),
        ([ENTRY, INTERPRETED, STUB, NATIVE], None),
        ([ENTRY, NATIVE], None),
    ],
)
def test_without_frame_pointers_nothing_outside_of_the_innermost_compiled_method_is_believed(
    stack: list[Frame], believed: int | None
) -> None:
    """A step by rbp from there may reach the entry, past all compiled callers."""
    refined = machine().refine(event(), [TABLE.number(frame) for frame in stack])
    assert refined is not None
    names = [TABLE[number].name for number in refined.frames]
    assert names == [frame.name for frame in stack[believed or 0 :]]
    told = (WalkOutcome.NO_TABLE, CUT_HINT) if believed is not None else (None, "")
    assert (refined.ended, refined.hint) == told


def test_with_frame_pointers_every_frame_is_believed() -> None:
    with_option = machine(f"java {FRAME_POINTERS} App")
    for outcome in (WalkOutcome.END, WalkOutcome.NO_TABLE):
        frames, hint = refined_of(with_option, [ENTRY, COMPILED, INTERPRETED, COMPILED], outcome)
        assert ([frame.name for frame in frames], hint) == (["call_helper", "int f()", "Interpreter", "int f()"], "")
        assert frames[1].kind is FrameKind.JAVA


def test_names_that_could_not_be_had_are_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("profiler.agent.runtimes.jvm.perf_map_path", lambda _pid: tmp_path / "none")
    monkeypatch.setenv(SETTING, "0")
    runtime = machine(FRAME_POINTERS)
    runtime.sampled(PID)
    assert refined_of(runtime, [ANONYMOUS])[1] == f"{NAMES_HINT}: the agent may not ask for them ({SETTING}=0)"


def fake_jcmd(directory: Path, script: str) -> str:
    """A java beside a jcmd that behaves as the script says."""
    jcmd = directory / "jcmd"
    jcmd.write_text(f"#!/bin/sh\n{script}\n")
    jcmd.chmod(jcmd.stat().st_mode | stat.S_IXUSR)
    return str(directory / "java")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'java.lang.IllegalArgumentException: Unknown diagnostic command'", "its JDK is older than 17"),
        ("echo first; echo 'Could not attach'", "jcmd said 'Could not attach'"),
        ("true", "jcmd said 'nothing'"),
        ("echo 4242:; echo -XX:+UseG1GC; echo Could not attach", "jcmd said 'Could not attach'"),
    ],
)
def test_what_jcmd_answers_is_told(script: str, reason: str, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        dump = PerfMapDump(process.pid, fake_jcmd(tmp_path, script))
        dump._process.wait(10)
        with pytest.raises(PerfMapDumpError) as raised:
            dump.done()
        dump.remove()
        process.kill()
    assert str(raised.value) == reason


def test_a_program_that_does_not_answer_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perf_map_dump, "TIMEOUT_S", 0.0)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        dump = PerfMapDump(process.pid, fake_jcmd(tmp_path, "exec sleep 60"))
        with pytest.raises(PerfMapDumpError, match="did not answer jcmd within 0 s"):
            dump.done()
        dump.remove()
        assert dump._process.poll() is not None
        process.kill()


def test_a_process_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PerfMapDumpError, match="No such file or directory"):
        PerfMapDump(2**22, fake_jcmd(tmp_path, "true"))
