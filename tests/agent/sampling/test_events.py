"""The reader's twin of sample.h."""

import re
import struct
from pathlib import Path

import profiler
from profiler.agent.sampling.events import Counter, PythonOutcome, Task, WalkOutcome, decode_stack

SAMPLE_H = (Path(profiler.__file__).parent / "bpf" / "sample.h").read_text()


def test_a_stack_is_decoded_field_by_field() -> None:
    header = struct.pack(
        "<QQIIHHHHHHII4x16s", 0xABCD, 77, 10, 11, 1, 2, WalkOutcome.CUT, 1, 2, PythonOutcome.END, 3, 9, b"worker\0junk"
    )
    event = decode_stack(header + struct.pack("<5Q", 2**64 - 1, 5, 6, 8, 1))
    assert event.hash == 0xABCD
    assert (event.cgroup, event.cgroup_hierarchy, event.memory_of) == (77, 3, 9)
    assert event.task == Task(10, 11, "worker")
    assert (event.kernel, event.user) == ((2**64 - 1,), (5, 6))
    assert event.outcome is WalkOutcome.CUT
    assert event.kernel_cut
    assert (event.python, event.python_outcome) == ((8, 1), PythonOutcome.END)


def test_a_name_that_is_not_utf8_is_kept_readable() -> None:
    header = struct.pack("<QQIIHHHHHHII4x16s", 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, b"w\xffx".ljust(16, b"\0"))
    assert decode_stack(header).task.comm == "w�x"


def test_outcomes_and_counters_are_those_of_the_program() -> None:
    walks = {name: int(value) for name, value in re.findall(r"\bWALK_(\w+) = (\d+)", SAMPLE_H)}
    assert walks == {outcome.name: outcome.value for outcome in WalkOutcome}
    pythons = {name: int(value) for name, value in re.findall(r"\bPYTHON_(\w+) = (\d+)", SAMPLE_H)}
    del pythons["MORE"]  # stays in the program
    assert pythons == {outcome.name: outcome.value for outcome in PythonOutcome}
    counters = {name: int(value) for name, value in re.findall(r"\bCOUNTER_(\w+) = (\d+)", SAMPLE_H)}
    assert counters == {counter.name: counter.value for counter in Counter}
