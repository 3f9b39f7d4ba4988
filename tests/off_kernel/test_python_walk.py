"""The walk of Python's frames off the kernel, over a thread of Python 3.12 as it lies in memory."""

from pathlib import Path

import pytest

from profiler.agent.runtimes.python_codes import LINKED, RUN_END
from profiler.agent.runtimes.python_layout import LAYOUTS
from profiler.agent.runtimes.python_process import Interpreter
from profiler.agent.sampling.events import PythonOutcome
from tests.off_kernel.machine import Machine, build

LAYOUT = LAYOUTS[12]
TASK, FSBASE, POINTER, STATE, HOLDER = 0x1000, 8, 0x2000, 0x3000, 0x4000
THREAD_STATE = 0x318
FRAMES, ENTRY_FRAMES, CODES, TEXTS, OLD_HOLDER = 0x10000, 0x20000, 0x30000, 0x50000, 0x4100
FRAME_WORDS = 12
THREAD, GENERATOR, INTERPRETER = 0, 1, 3
ASCII_STATE = (1 | 8 | 16) << 2


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("walks"))


class Thread:
    """Functions f0, f1, … on the thread's stack, called by each other; `entries` of them through C."""

    def __init__(self, library: Path, copy: Path) -> None:
        self.machine = Machine(library, copy)
        self.machine.python(Interpreter(12, LAYOUT, THREAD_STATE), FSBASE)
        self.machine.words(TASK + FSBASE, POINTER)
        self.machine.words(POINTER + THREAD_STATE, STATE)
        self._text(TEXTS, "app.py")

    def run(self, frames: list[tuple[int, int, int]], top: int, *, innermost: int | None = None) -> None:
        """`frames`: (address, owner, previous), of function i each; `top`: of the thread's stack of frames."""
        for i, (address, owner, previous) in enumerate(frames):
            self._code(CODES + 0x100 * i, f"f{i}")
            self.machine.memory(address, _object({0: CODES + 0x100 * i, 8: previous}, {LAYOUT.owner: owner}, 80))
        self.machine.words(STATE + LAYOUT.holder, HOLDER)
        self.machine.words(STATE + LAYOUT.stack_top, top)
        self.machine.words(HOLDER, frames[-1][0] if innermost is None else innermost, OLD_HOLDER)
        self.machine.words(OLD_HOLDER, 0)

    def _code(self, address: int, name: str) -> None:
        text = TEXTS + 0x100 + (address - CODES)
        self._text(text, name)
        words = {LAYOUT.file: TEXTS, LAYOUT.name: text}
        self.machine.memory(address, _object(words, {LAYOUT.line: 7, LAYOUT.size: FRAME_WORDS}, 192))

    def _text(self, address: int, text: str) -> None:
        words = {LAYOUT.text.length: len(text), LAYOUT.text.state: ASCII_STATE}
        self.machine.memory(address, _object(words, {}, LAYOUT.text.ascii) + text.encode().ljust(16, b"\0"))


def _object(words: dict[int, int], small: dict[int, int], size: int) -> bytes:
    data = bytearray(size)
    for at, value in words.items():
        data[at : at + 8] = value.to_bytes(8, "little")
    for at, value in small.items():
        data[at] = value
    return bytes(data)


def on_stack(i: int) -> int:
    return FRAMES + 8 * FRAME_WORDS * i


def chain(count: int) -> list[tuple[int, int, int]]:
    """A shim of the interpreter, and functions on it, outermost first."""
    shim = (ENTRY_FRAMES, INTERPRETER, 0)
    return [shim, *((on_stack(i), THREAD, on_stack(i - 1) if i else ENTRY_FRAMES) for i in range(count))]


@pytest.fixture
def thread(library: Path, tmp_path: Path) -> Thread:
    return Thread(library, tmp_path / "walks.so")


def test_functions_are_words_and_the_shim_ends_their_run(thread: Thread) -> None:
    thread.run(chain(3), on_stack(3))
    walked = thread.machine.functions(TASK)
    assert walked.outcome is PythonOutcome.END
    assert len(set(walked.frames)) == 4
    assert walked.frames[-1] == RUN_END
    assert all(word & LINKED and not word & RUN_END for word in walked.frames[:-1])


def test_a_frame_above_the_linked_ones_is_a_word_apart(thread: Thread) -> None:
    frames = chain(3)
    thread.run(frames, on_stack(3), innermost=on_stack(1))  # f3 is being entered or left
    *linked, unlinked = thread.machine.functions(TASK).frames
    assert len(linked) == 3
    assert unlinked & (LINKED | RUN_END) == 0


@pytest.mark.parametrize("top", [on_stack(2), on_stack(3) - 8, on_stack(3) + 8, on_stack(1), 0])
def test_what_does_not_reach_exactly_to_the_top_is_no_frame(thread: Thread, top: int) -> None:
    thread.run(chain(3), top, innermost=on_stack(1))
    assert len(thread.machine.functions(TASK).frames) == 3


@pytest.mark.parametrize(("caller", "belongs"), [(ENTRY_FRAMES + 0x100, True), (ENTRY_FRAMES, False), (0, False)])
def test_a_frame_that_has_just_ended_belongs_to_the_run_that_it_names(
    thread: Thread, caller: int, belongs: bool
) -> None:
    """f2 called through C: the run has its own frame still, f4 behind the top is what it has let go."""
    run = (ENTRY_FRAMES + 0x100, INTERPRETER, on_stack(1))
    thread.machine.words(OLD_HOLDER, on_stack(1))  # what is written first counts
    thread.run([*chain(2), run, (on_stack(2), THREAD, caller)], on_stack(2), innermost=run[0])
    empty, *linked = thread.machine.functions(TASK).frames
    assert empty == RUN_END
    assert [bool(word & LINKED) for word in linked] == [True, True, False, False][: 3 + belongs]
    assert len(linked) == 3 + belongs


def test_a_function_that_was_called_before_is_not_taken_for_one_that_has_just_ended(thread: Thread) -> None:
    """f2 is at work; what f2 called is behind the top, and no run is without a function."""
    thread.run(chain(3), on_stack(2), innermost=on_stack(1))
    assert len(thread.machine.functions(TASK).frames) == 3


def test_a_generator_lies_elsewhere_and_does_not_hide_what_is_above_the_stack(thread: Thread) -> None:
    """f1 on the stack resumed a generator, which calls f3."""
    frames = [*chain(1), (0x70000, GENERATOR, on_stack(0)), (on_stack(1), THREAD, 0)]
    thread.run(frames, on_stack(2), innermost=0x70000)
    words = thread.machine.functions(TASK).frames
    assert len(words) == 4
    assert words[-1] & (LINKED | RUN_END) == 0


def test_each_read_that_fails_leaves_true_functions_and_an_outcome_that_fits(thread: Thread) -> None:
    """A missing read may cost frames; it never makes one that is not there."""
    thread.run(chain(3), on_stack(3), innermost=on_stack(1))
    outcomes = set()
    # A function whose name was sent once is known from then on: the clean walk comes last.
    faults = [thread.machine.functions(TASK, fail=number) for number in range(1, 60)]
    whole = thread.machine.functions(TASK)
    for walked in faults:
        outcomes.add(walked.outcome)
        assert set(walked.frames) <= set(whole.frames)
        if not walked.fault_hit:
            assert walked.frames == whole.frames
    assert sum(walked.fault_hit for walked in faults) >= whole.reads
    assert outcomes == {PythonOutcome.NONE, PythonOutcome.READ, PythonOutcome.END}


def test_frames_in_a_circle_end_at_the_limit(thread: Thread) -> None:
    frames = [(on_stack(0), THREAD, on_stack(1)), (on_stack(1), THREAD, on_stack(0))]
    thread.run(frames, on_stack(2))
    walked = thread.machine.functions(TASK)
    assert walked.outcome is PythonOutcome.CUT
    assert len(walked.frames) == 128


@pytest.mark.parametrize("field", ["thread pointer", "thread state", "holder"])
def test_a_thread_without_python_has_no_words(library: Path, tmp_path: Path, field: str) -> None:
    machine = Machine(library, tmp_path / "walks.so")
    machine.python(Interpreter(12, LAYOUT, THREAD_STATE), FSBASE)
    machine.words(TASK + FSBASE, 0 if field == "thread pointer" else POINTER)
    machine.words(POINTER + THREAD_STATE, 0 if field == "thread state" else STATE)
    machine.words(STATE + LAYOUT.holder, 0)
    walked = machine.functions(TASK)
    assert (walked.frames, walked.outcome) == ([], PythonOutcome.NONE)


@pytest.mark.parametrize(("length", "state"), [(1 << 20, ASCII_STATE), (6, 0), (6, ASCII_STATE & ~(8 << 2))])
def test_a_name_that_is_no_str_makes_no_function(library: Path, tmp_path: Path, length: int, state: int) -> None:
    broken = Thread(library, tmp_path / "walks.so")
    # First found counts: this stands where f1 will have its name.
    broken.machine.words(TEXTS + 0x200 + LAYOUT.text.length, length, 0, state)
    broken.run(chain(2), on_stack(2))
    words = broken.machine.functions(TASK).frames
    assert len(words) == 2  # f2 and the shim


def test_every_outcome_there_is_was_seen_above() -> None:
    assert set(PythonOutcome) == {PythonOutcome.NONE, PythonOutcome.END, PythonOutcome.CUT, PythonOutcome.READ}
