"""The reader's twin of python_function.h."""

import re
import struct
from pathlib import Path

import pytest

import profiler
from profiler.agent.runtimes import python_codes, python_layout
from profiler.agent.runtimes.python_codes import LINKED, MAX_FUNCTIONS, RUN_END, UNKNOWN, PythonFunctions
from profiler.agent.sampling import frame_table
from profiler.agent.sampling.frame_table import FrameTable
from profiler.core.frame import Frame, FrameKind

HEADER = (Path(profiler.__file__).parent / "bpf" / "python_function.h").read_text()
LATIN, ASCII, TWO, FOUR = 1, 1 | 16, 2, 4


def code(number: int, name: str, file: str = "/app/web.py", line: int = 7) -> bytes:
    kinds = {LATIN: "latin-1", TWO: "utf-16-le", FOUR: "utf-32-le"}
    kind = LATIN if max(name, default="a") < "\u0100" else TWO if max(name) < "\U00010000" else FOUR
    data = name.encode(kinds[kind])
    path = file.encode("latin-1")
    return struct.pack("<QIIII256sII256s", number, line, 1, len(data), kind, data[-256:], len(path), ASCII, path[-256:])


TABLE = FrameTable()


@pytest.fixture
def functions() -> PythonFunctions:
    return PythonFunctions(TABLE)


def names(functions: PythonFunctions, *words: int, whole: bool = True) -> list[list[str]]:
    return [[TABLE[number].name for number in run] for run in functions.runs(words, whole=whole).linked]


def test_a_function_is_a_frame_with_file_and_line(functions: PythonFunctions) -> None:
    functions.add([code(2, "App.run")])
    ((number,),) = functions.runs([2 | RUN_END], whole=True).linked
    assert TABLE[number] == Frame("App.run", FrameKind.PYTHON, "web.py", "", 0, "/app/web.py", 7)


def test_names_in_any_script_are_read(functions: PythonFunctions) -> None:
    functions.add([code(2, "größe"), code(6, "ночь"), code(10, "𝒇")])
    assert names(functions, 10, 6, 2 | RUN_END) == [["größe", "ночь", "𝒇"]]


def test_of_a_long_name_the_end_is_kept(functions: PythonFunctions) -> None:
    functions.add([code(2, "a" * 300 + ".end")])
    assert names(functions, 2 | RUN_END) == [["…" + "a" * 252 + ".end"]]


def test_runs_end_at_their_outermost_frame(functions: PythonFunctions) -> None:
    functions.add(code(number, f"f{number}") for number in (2, 6, 10))
    assert names(functions, 10, 6 | RUN_END, 2 | RUN_END) == [["f2"], ["f6", "f10"]]


def test_a_run_can_end_with_a_frame_of_the_interpreter(functions: PythonFunctions) -> None:
    functions.add(code(number, f"f{number}") for number in (2, 6))
    assert names(functions, 6, RUN_END, 2, RUN_END) == [["f2"], ["f6"]]
    assert names(functions, 2, RUN_END, RUN_END) == [["f2"]]  # 3.14 has one more at the very end
    assert names(functions, RUN_END, 2, RUN_END) == [["f2"], []]  # a run that is about to end


def test_a_run_that_was_cut_counts(functions: PythonFunctions) -> None:
    functions.add(code(number, f"f{number}") for number in (2, 6))
    assert names(functions, 6, RUN_END, 2, whole=False) == [["f2"], ["f6"]]


def test_the_interpreters_own_shim_is_no_function(functions: PythonFunctions) -> None:
    functions.add([code(2, "__init__", file="__init__"), code(6, "C.__init__")])
    assert names(functions, 6, 2 | RUN_END) == [["C.__init__"]]


def test_a_function_that_is_being_entered_or_left_stands_apart(functions: PythonFunctions) -> None:
    functions.add(code(number, f"f{number}") for number in (2, 6))
    words = [2 | RUN_END, 6 & ~LINKED]
    assert names(functions, *words) == [["f2"]]
    assert [TABLE[number].name for number in functions.runs(words, whole=True).unlinked] == ["f6"]


def test_a_function_whose_name_got_lost_has_a_placeholder_until_it_comes(functions: PythonFunctions) -> None:
    assert names(functions, 10 | RUN_END) == [[UNKNOWN.name]]
    assert not functions.runs([10 | RUN_END], whole=True).named
    functions.add([code(10, "late")])
    assert names(functions, 10 | RUN_END) == [["late"]]
    assert functions.runs([10 | RUN_END], whole=True).named


def test_stacks_have_their_functions_after_frames_were_numbered_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_table, "MAX_FRAMES", 1)
    table = FrameTable()
    functions = PythonFunctions(table)
    functions.add(code(number, f"f{number}") for number in (2, 6))
    assert [table[number].name for number in functions.runs([6, 2 | RUN_END], whole=True).linked[0]] == ["f2", "f6"]
    table.clear_if_large()
    assert len(table) == 0
    assert [table[number].name for number in functions.runs([2 | RUN_END], whole=True).linked[0]] == ["f2"]


def test_what_is_remembered_is_bounded_and_forgets_the_least_recent(functions: PythonFunctions) -> None:
    functions.add([code(2, "old"), code(4, "used")])
    assert names(functions, 4 | RUN_END) == [["used"]]
    functions.add(code(number, "new") for number in range(6, 2 * MAX_FUNCTIONS + 4, 2))
    assert names(functions, 4 | RUN_END, 2 | RUN_END) == [[UNKNOWN.name], ["used"]]


def test_sizes_and_numbers_are_those_of_the_program() -> None:
    numbers = {name: int(value, 0) for name, value in re.findall(r"#define (PYTHON_\w+) (\w+)$", HEADER, re.M)
               if value.isdecimal() or value.startswith("0x")}  # fmt: skip
    assert numbers["PYTHON_NAME_PAGES"] * 4096 == python_codes.RING_BYTES
    assert numbers["PYTHON_CODES"] < MAX_FUNCTIONS
    assert numbers["PYTHON_NO_STACK"] == python_layout.NO_STACK
    assert numbers["PYTHON_NO_HOLDER"] == python_layout.NO_HOLDER
    assert numbers["PYTHON_OBJECT_BYTES"] - 8 == python_layout.MAX_OFFSET + 1
    groupings = re.search(r"enum python_grouping \{(.*?)\}", HEADER, re.S)
    assert groupings is not None
    assert {name: int(value) for name, value in re.findall(r"PYTHON_(\w+) = (\d)", groupings[1])} == {
        grouping.name: grouping.value for grouping in python_layout.Grouping
    }
