"""Stacks always have frames: what can't be shown is a placeholder."""

import ctypes
import os

import numpy as np
import pytest

from profiler.agent.sampling.events import StackEvent, Task, WalkOutcome
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.stack_namer import (
    KERNEL_STACK_CUT,
    NO_KERNEL_STACK,
    NO_USER_STACK,
    PROCESS_GONE,
    StackNamer,
)
from profiler.agent.symbols.maps import ProcessMaps
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.core.cut import cut_frame, cut_outcome
from profiler.core.frame import Frame, FrameKind
from profiler.core.path_trie import FRAME

GONE = 2**22
KERNEL_ADDRESS = 0xFFFFFFFFFFFFFF00


def event(**fields: object) -> StackEvent:
    plain = StackEvent(0, Task(os.getpid(), os.getpid(), "me"), WalkOutcome.CHAIN_END, False, (), ())
    return plain._replace(**fields)  # type: ignore[arg-type]


def address_of(function: str) -> int:
    address = ctypes.cast(ctypes.CDLL(None)[function], ctypes.c_void_p).value
    assert address is not None
    return address


class Namer:
    """Gives frames for the numbers."""

    def __init__(self, symbolizer: Symbolizer) -> None:
        self.symbolizer = symbolizer
        self.table = FrameTable()

    def stack(self, event: StackEvent, *, want_user: bool = True) -> list[Frame]:
        named = StackNamer(self.symbolizer, self.table, want_user=want_user).name(event)
        return [self.table[number] for number in np.frombuffer(named.path, dtype=FRAME).tolist()]


@pytest.fixture(scope="module")
def namer() -> Namer:
    return Namer(Symbolizer())


def test_a_function_of_a_library_is_named(namer: Namer) -> None:
    (frame,) = namer.stack(event(user=(address_of("swab"),)))
    assert (frame.name, frame.kind, frame.module) == ("swab", FrameKind.NATIVE, "libc.so.6")
    assert len(frame.build_id) == 40


def test_a_gone_process_has_the_names_of_the_one_it_was_forked_from(namer: Namer) -> None:
    gone, swab = Task(GONE, GONE, "me"), address_of("swab")
    (frame,) = namer.stack(event(task=gone, memory_of=os.getpid(), user=(swab,)))
    assert frame.name == "swab"
    assert namer.stack(event(task=gone, memory_of=os.getpid(), user=(swab, 4097))) == [PROCESS_GONE]
    assert namer.stack(event(task=gone, memory_of=GONE - 1, user=(swab,))) == [PROCESS_GONE]
    assert namer.stack(event(task=gone, user=(swab,))) == [PROCESS_GONE]


def test_a_return_address_belongs_to_the_call_before_it(namer: Namer) -> None:
    swab = address_of("swab")
    innermost, caller = namer.stack(event(user=(swab, swab)))[::-1]
    assert innermost.name == "swab"
    assert caller.name != "swab"


def test_user_frames_come_before_kernel_frames_root_first(namer: Namer) -> None:
    swab = address_of("swab")
    stack = namer.stack(event(user=(swab + 1, swab + 2), kernel=(KERNEL_ADDRESS,)))
    assert [frame.kind for frame in stack] == [FrameKind.NATIVE, FrameKind.NATIVE, FrameKind.KERNEL]


def test_an_address_without_symbol_is_shown_with_its_module_and_offset(namer: Namer) -> None:
    mapping = ProcessMaps.of_process(os.getpid()).find(address_of("swab"))
    assert mapping is not None
    (frame,) = namer.stack(event(user=(mapping.start,)))  # the init section, which has no function symbol
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
def test_what_can_not_be_shown_has_a_placeholder(namer: Namer, fields: dict[str, object], frames: list[object]) -> None:
    assert namer.stack(event(**fields)) == frames


def test_a_wild_address_is_unknown_and_does_not_end_the_stack(namer: Namer) -> None:
    stack = namer.stack(event(user=(address_of("swab"), 12345)))
    assert [frame.name for frame in stack] == ["[unknown]", "swab"]


def test_without_user_frames_asked_for_there_is_no_word_of_them(namer: Namer) -> None:
    assert namer.stack(event(), want_user=False) == [NO_KERNEL_STACK]
    (frame,) = namer.stack(event(kernel=(KERNEL_ADDRESS,)), want_user=False)
    assert frame.kind is FrameKind.KERNEL


def test_a_cut_stack_says_so_at_its_root(namer: Namer) -> None:
    stack = namer.stack(event(user=(address_of("swab"),), outcome=WalkOutcome.PENDING))
    assert [frame.name for frame in stack] == ["[cut: file not parsed yet]", "swab"]
    stack = namer.stack(event(kernel=(KERNEL_ADDRESS,), kernel_cut=True))
    assert stack[0] == KERNEL_STACK_CUT


def test_a_whole_stack_and_one_without_user_frames_asked_for_have_no_mark(namer: Namer) -> None:
    for fields, want_user in (({"outcome": WalkOutcome.END}, True), ({"outcome": WalkOutcome.PENDING}, False)):
        stack = namer.stack(event(user=(address_of("swab"),), kernel=(KERNEL_ADDRESS,), **fields), want_user=want_user)
        assert all(cut_outcome(frame) is None for frame in stack)


def test_a_stack_from_before_an_exec_has_the_names_of_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    namer, swab = Namer(Symbolizer()), address_of("swab")
    assert [frame.name for frame in namer.stack(event(user=(swab,)))] == ["swab"]
    process = namer.symbolizer.process(os.getpid())
    monkeypatch.setattr(
        "profiler.agent.symbols.process.read_maps", lambda _pid: "1000-2000 r-xp 0 00:00 7 /bin/other\n"
    )
    process.refresh(ask=True)
    assert not process.space.holds([swab])
    assert [frame.name for frame in namer.stack(event(user=(swab + 1, swab)))][-1] == "swab"


def test_a_wild_address_does_not_have_the_mappings_read_for_each_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    table, symbolizer = FrameTable(), Symbolizer()
    namer = StackNamer(symbolizer, table)
    asked: list[object] = []
    monkeypatch.setattr(symbolizer, "ask", asked.append)
    for wild in range(12345, 12395):
        namer.name(event(user=(address_of("swab"), wild)))
    assert len(asked) == 1


def test_the_stack_of_another_thread_of_the_process_is_remembered() -> None:
    namer, swab = StackNamer(Symbolizer(), FrameTable()), address_of("swab")
    tasks = Task(os.getpid(), 1, "one"), Task(os.getpid(), 2, "two")
    first, second = (namer.name(event(task=task, user=(swab, swab + 9))).path for task in tasks)
    assert first is second


def test_processes_sampled_longest_ago_are_forgotten_over_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    symbolizer = Symbolizer()
    namer, swab = StackNamer(symbolizer, FrameTable()), address_of("swab")
    first = namer.name(event(user=(swab,)))
    monkeypatch.setattr("profiler.agent.symbols.symbolizer.MAX_REMEMBERED", 10_000)
    monkeypatch.setattr("profiler.agent.sampling.stack_namer.MAX_REMEMBERED", 0)
    for pid in range(GONE, GONE + 2000):  # of those nothing is known but that they are gone
        namer.name(event(task=Task(pid, pid, "me"), user=(swab,)))
    namer.trim()
    assert os.getpid() not in symbolizer._processes
    assert GONE + 1999 in symbolizer._processes
    assert len(symbolizer._processes) < 1000
    assert symbolizer._remembered == sum(known.size for known in symbolizer._processes.values())
    assert sum(process.size for process in namer._processes.values()) == 0
    assert namer.name(event(user=(swab,))) == first
