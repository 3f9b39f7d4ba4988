"""Native and Python frames side by side, as pictures: root left, innermost right, runs of the loop apart by `|`."""

import pytest

from profiler.agent.runtimes.merge import Merged, merge
from profiler.agent.runtimes.python_loops import is_eval
from profiler.agent.runtimes.python_process import EVAL
from profiler.core.frame import Frame, FrameKind


def native(text: str) -> list[Frame]:
    """`E` is the interpreter's loop, `[…]` a placeholder, `k:…` the kernel."""
    return [_native(word) for word in text.split()]


def _native(word: str) -> Frame:
    if word.startswith("["):
        return Frame(word, FrameKind.PLACEHOLDER)
    if word.startswith("k:"):
        return Frame(word, FrameKind.KERNEL)
    return Frame(word.replace("E", EVAL))


def runs(text: str) -> list[list[Frame]]:
    return [[Frame(name, FrameKind.PYTHON) for name in run.split()] for run in text.split("|")] if text else []


def picture(frames: list[Frame]) -> str:
    names = (f"py:{frame.name}" if frame.kind is FrameKind.PYTHON else frame.name for frame in frames)
    return " ".join(names).replace(EVAL, "E")


def merged_of(
    frames: list[Frame], python: str, unlinked: list[Frame] | None = None, *, from_root: bool
) -> Merged[Frame]:
    places = [place for place, frame in enumerate(frames) if is_eval(frame)]
    skip = int(frames[0].kind is FrameKind.PLACEHOLDER)
    return merge(frames, places, runs(python), unlinked or (), from_root=from_root, skip=skip)


@pytest.mark.parametrize(
    ("case", "stack", "python", "expected", "matched", "unmatched"),
    [
        ("one run of several functions", "start E sum", "mod main", "start py:mod py:main sum", 1, 0),
        ("C between runs", "start E sum next E", "mod | gen", "start py:mod sum next py:gen", 2, 0),
        ("every frame its own run", "E call E call E", "a | b | c", "py:a call py:b call py:c", 3, 0),
        ("kernel frames stay innermost", "E read k:sys", "f", "py:f read k:sys", 1, 0),
        ("part of the loop split off", "start E.cold raise", "f", "start py:f raise", 1, 0),
        ("the loop has just been entered", "E sort E", "f", "py:f sort E", 1, 1),
        ("the loop has just been left", "E sort", "f | key", "py:f sort", 1, 1),
        ("no functions at all", "start E", "", "start E", 0, 1),
        ("a run whose function has ended", "E sort E", "f |", "py:f sort E", 2, 0),
    ],
)
def test_whole_stacks_are_paired_from_the_root(
    case: str, stack: str, python: str, expected: str, matched: int, unmatched: int
) -> None:
    merged = merged_of(native(stack), python, from_root=True)
    assert (picture(merged.frames), merged.matched, merged.unmatched) == (expected, matched, unmatched), case


@pytest.mark.parametrize(
    ("case", "stack", "python", "expected", "matched", "unmatched"),
    [
        ("native frames cut", "[cut] call E call E", "m | a | b | c", "[cut] py:m py:a call py:b call py:c", 2, 0),
        ("native frames end early", "x E y", "m | f", "py:m x py:f y", 1, 0),
        ("functions cut", "start E call E call E", "b | c", "start E call py:b call py:c", 2, 1),
        ("process gone", "[gone]", "m main | f", "[gone] py:m py:main py:f", 0, 0),
        ("nothing native but the kernel", "k:sys k:read", "m", "py:m k:sys k:read", 0, 0),
    ],
)
def test_broken_stacks_are_paired_from_the_innermost_frame(
    case: str, stack: str, python: str, expected: str, matched: int, unmatched: int
) -> None:
    merged = merged_of(native(stack), python, from_root=False)
    assert (picture(merged.frames), merged.matched, merged.unmatched) == (expected, matched, unmatched), case


@pytest.mark.parametrize(
    ("stack", "python", "between"),
    [
        ("E sort E", "f", True),
        ("E sort E clear", "f |", True),
        ("E sort E", "f | key", False),
        ("E sort", "f | key", False),
        ("E call E call E", "f", False),
        ("E call E", "| f", False),
    ],
)
def test_entering_or_leaving_the_innermost_function_is_told_from_a_mismatch(
    stack: str, python: str, between: bool
) -> None:
    assert merged_of(native(stack), python, from_root=True).between is between


@pytest.mark.parametrize(
    ("case", "stack", "python", "expected", "unmatched"),
    [
        ("the loop has been entered, its function is not linked yet", "E sort E", "f", "py:f sort py:u", 0),
        ("the function is being left", "E sort E clear", "f |", "py:f sort py:u clear", 0),
        ("the only function is being left", "E clear", "", "py:u clear", 0),
        ("its frame is made, its loop not entered", "E sort vector", "f", "py:f sort vector", 0),
        ("two loops without functions: no telling whose it is", "E x E y E", "f", "py:f x E y E", 2),
    ],
)
def test_a_function_that_is_being_entered_or_left_has_its_name(
    case: str, stack: str, python: str, expected: str, unmatched: int
) -> None:
    (unlinked,) = runs("u")
    merged = merged_of(native(stack), python, unlinked, from_root=True)
    assert (picture(merged.frames), merged.unmatched) == (expected, unmatched), case


def test_a_function_of_that_name_in_python_is_left_alone() -> None:
    assert picture(merged_of([Frame(EVAL, FrameKind.PYTHON)], "f", from_root=True).frames) == "py:E"
