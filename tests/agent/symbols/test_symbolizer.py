"""Stacks always have frames: what can't be shown is a placeholder."""

import ctypes
import os
from pathlib import Path

import pytest

from profiler.agent.events import StackEvent, Task, WalkOutcome
from profiler.agent.symbols import modules
from profiler.agent.symbols.debug_files import FoundFile, open_with_debug_info
from profiler.agent.symbols.maps import ProcessMaps
from profiler.agent.symbols.modules import ModuleCache
from profiler.agent.symbols.symbolizer import (
    KERNEL_STACK_CUT,
    NO_KERNEL_STACK,
    NO_USER_STACK,
    PROCESS_GONE,
    Symbolizer,
)
from profiler.core.cut import cut_frame, cut_outcome
from profiler.core.frame import FrameKind

GONE = 2**22
KERNEL_ADDRESS = 0xFFFFFFFFFFFFFF00


def event(**fields: object) -> StackEvent:
    plain = StackEvent(0, Task(os.getpid(), os.getpid(), "me"), WalkOutcome.CHAIN_END, False, (), ())
    return plain._replace(**fields)  # type: ignore[arg-type]


def address_of(function: str) -> int:
    address = ctypes.cast(ctypes.CDLL(None)[function], ctypes.c_void_p).value
    assert address is not None
    return address


@pytest.fixture(scope="module")
def symbolizer() -> Symbolizer:
    return Symbolizer()


def test_a_function_of_a_library_is_named(symbolizer: Symbolizer) -> None:
    (frame,) = symbolizer.stack(event(user=(address_of("swab"),)))
    assert (frame.name, frame.kind, frame.module) == ("swab", FrameKind.NATIVE, "libc.so.6")
    assert len(frame.build_id) == 40


def test_a_gone_process_has_the_names_of_the_one_it_was_forked_from(symbolizer: Symbolizer) -> None:
    gone, swab = Task(GONE, GONE, "me"), address_of("swab")
    (frame,) = symbolizer.stack(event(task=gone, memory_of=os.getpid(), user=(swab,)))
    assert frame.name == "swab"
    assert symbolizer.stack(event(task=gone, memory_of=os.getpid(), user=(swab, 4097))) == [PROCESS_GONE]
    assert symbolizer.stack(event(task=gone, memory_of=GONE - 1, user=(swab,))) == [PROCESS_GONE]
    assert symbolizer.stack(event(task=gone, user=(swab,))) == [PROCESS_GONE]


def test_a_return_address_belongs_to_the_call_before_it(symbolizer: Symbolizer) -> None:
    swab = address_of("swab")
    innermost, caller = symbolizer.stack(event(user=(swab, swab)))[::-1]
    assert innermost.name == "swab"
    assert caller.name != "swab"


def test_user_frames_come_before_kernel_frames_root_first(symbolizer: Symbolizer) -> None:
    swab = address_of("swab")
    stack = symbolizer.stack(event(user=(swab + 1, swab + 2), kernel=(KERNEL_ADDRESS,)))
    assert [frame.kind for frame in stack] == [FrameKind.NATIVE, FrameKind.NATIVE, FrameKind.KERNEL]


def test_an_address_without_symbol_is_shown_with_its_module_and_offset(symbolizer: Symbolizer) -> None:
    mapping = ProcessMaps.of_process(os.getpid()).find(address_of("swab"))
    assert mapping is not None
    (frame,) = symbolizer.stack(event(user=(mapping.start,)))  # the init section, which has no function symbol
    assert frame.name == f"libc.so.6+{frame.offset:#x}"
    assert frame.offset == mapping.offset


@pytest.mark.parametrize(
    ("fields", "frames"),
    [
        ({}, [NO_USER_STACK]),
        ({"outcome": WalkOutcome.FAILED, "user": ()}, [cut_frame("not walked")]),
        ({"task": Task(GONE, GONE, "gone"), "user": (4096,)}, [PROCESS_GONE]),
        ({"user": (0, 0)}, [NO_USER_STACK]),
    ],
)
def test_what_can_not_be_shown_has_a_placeholder(
    symbolizer: Symbolizer, fields: dict[str, object], frames: list[object]
) -> None:
    assert symbolizer.stack(event(**fields)) == frames


def test_a_wild_address_is_unknown_and_does_not_end_the_stack(symbolizer: Symbolizer) -> None:
    stack = symbolizer.stack(event(user=(address_of("swab"), 12345)))
    assert [frame.name for frame in stack] == ["[unknown]", "swab"]


def test_without_user_frames_asked_for_there_is_no_word_of_them(symbolizer: Symbolizer) -> None:
    assert symbolizer.stack(event(), want_user=False) == [NO_KERNEL_STACK]
    (frame,) = symbolizer.stack(event(kernel=(KERNEL_ADDRESS,)), want_user=False)
    assert frame.kind is FrameKind.KERNEL


def test_a_cut_stack_says_so_at_its_root(symbolizer: Symbolizer) -> None:
    stack = symbolizer.stack(event(user=(address_of("swab"),), outcome=WalkOutcome.PENDING))
    assert [frame.name for frame in stack] == ["[cut: file not parsed yet]", "swab"]
    stack = symbolizer.stack(event(kernel=(KERNEL_ADDRESS,), kernel_cut=True))
    assert stack[0] == KERNEL_STACK_CUT


def test_a_whole_stack_and_one_without_user_frames_asked_for_have_no_mark(symbolizer: Symbolizer) -> None:
    for fields, want_user in (({"outcome": WalkOutcome.END}, True), ({"outcome": WalkOutcome.PENDING}, False)):
        stack = symbolizer.stack(
            event(user=(address_of("swab"),), kernel=(KERNEL_ADDRESS,), **fields), want_user=want_user
        )
        assert all(cut_outcome(frame) is None for frame in stack)


def test_modules_are_read_once_and_forgotten_under_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    maps = ProcessMaps.of_process(os.getpid())
    libc = maps.find(address_of("swab"))
    python = maps.find(address_of("Py_IsInitialized"))
    assert libc is not None
    assert python is not None
    reads: list[Path] = []

    def read(path: Path, place: Path, roots: tuple[Path, ...]) -> FoundFile:
        reads.append(path)
        return open_with_debug_info(path, place, roots)

    monkeypatch.setattr(modules, "open_with_debug_info", read)
    roomy, tight = ModuleCache(), ModuleCache(max_bytes=1)
    for cache, expected in ((roomy, 2), (tight, 4)):
        reads.clear()
        for mapping in (libc, python, libc, python):
            cache.of_file(os.getpid(), mapping)
        assert len(reads) == expected


def test_processes_sampled_longest_ago_are_forgotten_over_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    symbolizer = Symbolizer()
    swab = address_of("swab")
    symbolizer.stack(event(user=(swab,)))
    monkeypatch.setattr("profiler.agent.symbols.symbolizer.MAX_REMEMBERED", 10_000)
    for pid in range(GONE, GONE + 2000):  # of those nothing is known but that they are gone
        symbolizer.stack(event(task=Task(pid, pid, "me"), user=(swab,)))
    assert os.getpid() not in symbolizer._processes
    assert GONE + 1999 in symbolizer._processes
    assert len(symbolizer._processes) < 1000
    assert symbolizer._remembered == sum(known.size for known in symbolizer._processes.values())
    (frame,) = symbolizer.stack(event(user=(swab,)))
    assert frame.name == "swab"
