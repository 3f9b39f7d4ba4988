"""The native walk off the kernel: each outcome, each read that fails, tables and stacks that lead astray."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from profiler.agent.sampling.events import WalkOutcome
from profiler.agent.unwind.process_tables import ROWS_ABSENT, ROWS_PENDING
from profiler.agent.unwind.rows import RBP_AT_RBP, RBP_LOST, RowKind, pack_rule
from tests.off_kernel.machine import KERNEL_CODE, Machine, build

CODE, STACK, SIGNAL_FRAME = 0x400000, 0x7FFF0000, 0x7FFF2000
OTHER_CODE, PENDING_CODE, JIT, NOWHERE = 0x500000, 0x600000, 0x700000, 0x800000
# Functions by what their row says.
FUNCTIONS = range(CODE, CODE + 0xB00, 0x100)
LEAF, FRAMED, DEREFS, ENTRY, BAD, HOLE, PLT, RESTORER, SAVED_AT_RBP, LOSES_RBP, SELF = FUNCTIONS
ROWS = {
    LEAF: pack_rule(RowKind.RSP, cfa=2),
    FRAMED: pack_rule(RowKind.RBP, rbp=-2, cfa=2),
    DEREFS: pack_rule(RowKind.DEREF, cfa=-1),
    ENTRY: pack_rule(RowKind.END),
    BAD: pack_rule(RowKind.BAD),
    HOLE: pack_rule(RowKind.GAP),
    PLT: pack_rule(RowKind.PLT, cfa=11),
    RESTORER: pack_rule(RowKind.SIGNAL),
    SAVED_AT_RBP: pack_rule(RowKind.RSP, rbp=RBP_AT_RBP, cfa=2),
    LOSES_RBP: pack_rule(RowKind.RSP, rbp=RBP_LOST, cfa=2),
    SELF: pack_rule(RowKind.RSP, cfa=1),
}

New = Callable[[], Machine]


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("walks"))


@pytest.fixture
def machine(library: Path, tmp_path: Path) -> Machine:
    made = Machine(library, tmp_path / "walks.so")
    made.mapping(CODE, CODE + 0x1000, ROWS)
    made.mapping(OTHER_CODE, OTHER_CODE + 0x1000, None, first_row=ROWS_ABSENT)
    made.mapping(PENDING_CODE, PENDING_CODE + 0x1000, None, first_row=ROWS_PENDING)
    made.mapping(JIT, JIT + 0x1000, None, first_row=0)
    return made


def chain(machine: Machine) -> None:
    """leaf ← framed ← (signal) ← leaf ← framed ← derefs ← entry, each with its frame on the stack."""
    machine.words(STACK, 0, FRAMED + 9)  # leaf: a local, return address
    machine.words(STACK + 0x10, 0, STACK + 0x100, RESTORER + 1)  # framed: local, saved rbp, return address
    frame = dict.fromkeys(range(0, 176, 8), 0) | {120: STACK + 0x210, 160: STACK + 0x200, 168: LEAF + 5}
    machine.words(STACK + 0x28, *(frame[at] for at in sorted(frame)))
    machine.words(STACK + 0x200, 0, FRAMED + 9, STACK + 0x300, DEREFS + 3)
    machine.words(STACK + 0x2F8, STACK + 0x408)  # derefs: where its caller's frame is
    machine.words(STACK + 0x400, ENTRY + 2)


CHAIN = [LEAF + 1, FRAMED + 9, RESTORER + 1, LEAF + 5 + 1, FRAMED + 9, DEREFS + 3, ENTRY + 2]


def test_a_whole_chain_through_a_signal_ends_at_the_entry(machine: Machine) -> None:
    chain(machine)
    walked = machine.walk(LEAF + 1, STACK, STACK + 0x18)
    assert walked.outcome is WalkOutcome.END
    assert walked.frames == CHAIN


def test_each_read_that_fails_ends_the_walk_as_unreadable_with_the_frames_before_it(machine: Machine) -> None:
    chain(machine)
    reads = machine.walk(LEAF + 1, STACK, STACK + 0x18).reads
    for number in range(1, reads + 1):
        walked = machine.walk(LEAF + 1, STACK, STACK + 0x18, fail=number)
        assert walked.fault_hit
        assert walked.outcome is WalkOutcome.READ
        assert walked.frames == CHAIN[: len(walked.frames)]
        assert walked.reads == number
    assert reads == 1 + 2 + 3 + 1 + 2 + 2


OUTCOMES: dict[WalkOutcome, tuple[int, int, int, list[int]]] = {
    # outcome: ip, sp, bp, words on the stack
    WalkOutcome.NO_MAPPING: (NOWHERE, STACK, 0, [0, 0]),
    WalkOutcome.NO_TABLE: (OTHER_CODE + 1, STACK, 0, [0, 0]),
    WalkOutcome.PENDING: (PENDING_CODE + 1, STACK, 0, [0, 0]),
    WalkOutcome.NO_ROW: (HOLE + 1, STACK, 0, [0, 0]),
    WalkOutcome.BAD: (BAD + 1, STACK, 0, [0, 0]),
    WalkOutcome.END: (LEAF + 1, STACK, 0, [0, ENTRY + 1]),
    WalkOutcome.READ: (LEAF + 1, 0x1000, 0, [0, 0]),
    WalkOutcome.CUT: (SELF + 1, STACK, 0, [SELF + 1] * 200),
    WalkOutcome.GUESSED: (HOLE + 1, STACK, STACK, [0, ENTRY + 1]),
}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_each_reason_for_an_end_is_told(machine: Machine, outcome: WalkOutcome) -> None:
    ip, sp, bp, words = OUTCOMES[outcome]
    machine.words(STACK, *words)
    walked = machine.walk(ip, sp, bp)
    assert walked.outcome is outcome
    whole = outcome in (WalkOutcome.END, WalkOutcome.GUESSED)
    assert len(walked.frames) == (127 if outcome is WalkOutcome.CUT else 2 if whole else 1)


def test_other_reasons_need_no_stack_and_no_reason_is_left_out(library: Path, tmp_path: Path) -> None:
    empty = Machine(library, tmp_path / "empty.so")
    others = {
        WalkOutcome.NO_PROCESS: empty.walk(LEAF, STACK).outcome,
        WalkOutcome.FAILED: empty.walk(LEAF, STACK, cs=0x23).outcome,
        WalkOutcome.NONE: empty.walk(LEAF, STACK, cs=KERNEL_CODE).outcome,
    }
    assert all(outcome == got for outcome, got in others.items())
    assert set(others) | set(OUTCOMES) == set(WalkOutcome) - {WalkOutcome.CHAIN_END}  # that is the walk without tables


@pytest.mark.parametrize(
    ("what", "ip", "bp"),
    [
        ("rbp below rsp", FRAMED + 4, STACK - 0x100),
        ("a frame's address that leads backwards", DEREFS + 4, STACK + 0x10),
        ("the same frame again", FRAMED + 4, STACK - 0x10),
    ],
)
def test_a_rule_that_leads_backwards_ends_the_walk(machine: Machine, what: str, ip: int, bp: int) -> None:
    machine.words(STACK - 0x200, *([FRAMED + 9] * 0x40))
    machine.words(STACK, 0, STACK - 8, 0, FRAMED + 9)
    walked = machine.walk(ip, STACK, bp)
    assert (walked.outcome, walked.frames) == (WalkOutcome.BAD, [ip]), what


def test_frame_pointers_that_run_in_a_circle_end(machine: Machine) -> None:
    machine.words(STACK, STACK + 0x10, JIT + 1, STACK, JIT + 2)
    walked = machine.walk(JIT, STACK, STACK)
    assert walked.outcome is WalkOutcome.NO_TABLE
    assert walked.frames == [JIT, JIT + 1, JIT + 2]


@pytest.mark.parametrize("bp", [STACK + 1, STACK + (2 << 20), 0, 2**64 - 8])
def test_frame_pointers_that_are_none_end_the_walk(machine: Machine, bp: int) -> None:
    machine.words(STACK, 0, 0)
    assert machine.walk(JIT, STACK, bp).frames == [JIT]


def test_jit_code_with_frame_pointers_is_passed_and_the_stack_is_whole(machine: Machine) -> None:
    machine.words(STACK, 0, 0, STACK + 0x100, LEAF + 7)
    machine.words(STACK + 0x20, 0, ENTRY + 1)
    walked = machine.walk(JIT, STACK, STACK + 0x10)
    assert (walked.outcome, walked.frames) == (WalkOutcome.END, [JIT, LEAF + 7, ENTRY + 1])


@pytest.mark.parametrize("code", [NOWHERE, OTHER_CODE, PENDING_CODE, HOLE, BAD])
def test_a_file_s_code_that_was_passed_by_frame_pointer_may_have_hidden_callers(machine: Machine, code: int) -> None:
    """It called nothing and left rbp as its caller's caller had it: what called it is not on the way to the entry."""
    machine.words(STACK, LEAF + 7, 0, STACK + 0x100, LEAF + 9)
    machine.words(STACK + 0x20, 0, ENTRY + 1)
    walked = machine.walk(code + 1, STACK, STACK + 0x10)
    assert (walked.outcome, walked.frames) == (WalkOutcome.GUESSED, [code + 1, LEAF + 9, ENTRY + 1])


@pytest.mark.parametrize(("inside", "skipped"), [(2, 1), (12, 2)])
def test_an_entry_of_the_plt_has_pushed_a_word_or_not(machine: Machine, inside: int, skipped: int) -> None:
    machine.words(STACK, *([0] * (skipped - 1)), ENTRY + 1)
    walked = machine.walk(PLT + inside, STACK)
    assert (walked.outcome, walked.frames) == (WalkOutcome.END, [PLT + inside, ENTRY + 1])


def test_rbp_is_followed_where_it_was_saved_and_forgotten_where_it_was_lost(machine: Machine) -> None:
    machine.words(STACK, 0, FRAMED + 9, STACK + 0x100, ENTRY + 1)
    machine.words(STACK + 0x40, STACK + 0x10)
    assert machine.walk(SAVED_AT_RBP + 1, STACK, STACK + 0x40).frames[-1] == ENTRY + 1
    lost = machine.walk(LOSES_RBP + 1, STACK, STACK + 0x10)
    assert (lost.outcome, lost.frames) == (WalkOutcome.BAD, [LOSES_RBP + 1, FRAMED + 9])


def test_any_row_there_can_be_ends_the_walk(library: Path, tmp_path: Path) -> None:
    """All kinds, known or not, with every distance: damaged rows cost a stack, never the walk."""
    for number, kind in enumerate([*range(9), 0xFF], start=1):
        made = Machine(library, tmp_path / f"walks{number}.so")
        distances = [(rbp, cfa) for rbp in (-128, -1, 0, 1, 127) for cfa in (-(1 << 15), -1, 0, 1, (1 << 15) - 1)]
        rows = {
            CODE + 16 * i: (kind | (rbp & 0xFF) << 8 | (cfa & 0xFFFF) << 16) << 32
            for i, (rbp, cfa) in zip(count(), distances, strict=False)
        }
        made.mapping(CODE, CODE + 0x1000, rows)
        made.words(STACK, *(CODE + 16 * (i % len(rows)) + 1 for i in range(0x100)))
        for address in rows:
            for bp in (0, STACK, STACK + 8, 2**64 - 1):
                assert 1 <= len(made.walk(address + 1, STACK, bp).frames) <= 127
