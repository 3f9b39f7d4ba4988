"""Mappings from the kernel's own tree, off the kernel: trees of any shape, each read that fails, torn trees."""

from pathlib import Path

import numpy as np
import pytest

from profiler.agent.sampling.events import WalkOutcome
from profiler.agent.unwind.kernel_mappings import _FILE, _KEY
from profiler.agent.unwind.process_tables import ROWS_ABSENT
from profiler.agent.unwind.rows import RowKind, pack_rule
from tests.off_kernel.machine import Machine, build

# As in Linux 6.18, but for the structs that hold much else.
OFFSETS = {
    "OFF_RANGE_PIVOT": 8, "OFF_RANGE_SLOT": 128, "OFF_ARANGE_PIVOT": 8, "OFF_ARANGE_SLOT": 80,
    "OFF_TASK_MM": 0x10, "OFF_MM_ROOT": 0x10, "OFF_MM_VDSO": 0x18,
    "OFF_VMA_START": 0, "OFF_VMA_END": 8, "OFF_VMA_PGOFF": 0x10, "OFF_VMA_FILE": 0x18,
    "OFF_FILE_INODE": 0, "OFF_INODE_NUMBER": 0, "OFF_INODE_SIZE": 8, "OFF_INODE_MTIME_S": 0x10,
    "OFF_INODE_MTIME_NS": 0x18, "OFF_INODE_SUPER": 0x20, "OFF_SUPER_DEVICE": 0,
}  # fmt: skip
RANGE_SLOTS, ARANGE_SLOTS = 16, 10
LEAF, INNER = 1, 3
TASK, MM, NODES, VMAS, FILE, INODE, SUPER = 0x1000, 0x2000, 0x100000, 0x200000, 0x3000, 0x4000, 0x5000
NONE, UNKNOWN, FOUND = range(3)
ALL = 2**64 - 1
PAGE = 4096
CODE, STACK, VDSO, JIT = 0x400000, 0x7FFF0000, 0x7FFFE000, 0x700000
ENTRY, CALLER = CODE + 0x1100, CODE + 0x1200
IDENTITY = np.array([(77, 5000, 1_700_000_000, 42, 0x800001)], dtype=_KEY)

Range = tuple[int, int, int]  # first address, end, what the tree has there


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    offsets = [f"-D{name}={value}" for name, value in OFFSETS.items()]
    return build(tmp_path_factory.mktemp("walks"), "-DWALK_VMA", "-DFILE_ENTRIES=64", *offsets)


class Kernel:
    """A task with a tree of mappings."""

    def __init__(self, library: Path, copy: Path) -> None:
        self.machine = Machine(library, copy)
        self.machine.task(TASK)
        self.machine.words(TASK + OFFSETS["OFF_TASK_MM"], MM)
        self._nodes = NODES
        self._vmas = VMAS

    def vma(self, start: int, end: int, *, page: int = 0, file: int = 0) -> Range:
        self.machine.words(self._vmas, start, end, page, file)
        self._vmas += 0x40
        return start, end, self._vmas - 0x40

    def tree(self, vmas: list[Range], *, leaf: int = RANGE_SLOTS, inner: int = ARANGE_SLOTS) -> None:
        """`leaf` and `inner`: at most so many children."""
        whole, at = [], 0
        for start, end, vma in sorted(vmas):
            whole += [(at, start, 0)] * (at < start) + [(start, end, vma)]
            at = end
        level = self._level([*whole, (at, ALL + 1, 0)], LEAF, leaf)
        while len(level) > 1:
            level = self._level(level, INNER, inner)
        self.machine.words(MM + OFFSETS["OFF_MM_ROOT"], level[0][2], VDSO)

    def _level(self, children: list[Range], kind: int, size: int) -> list[Range]:
        groups = [children[i : i + size] for i in range(0, len(children), size)]
        return [(group[0][0], group[-1][1], self._node(group, kind)) for group in groups]

    def _node(self, children: list[Range], kind: int) -> int:
        pivots, slots = (15, RANGE_SLOTS) if kind == LEAF else (9, ARANGE_SLOTS)
        last = [end - 1 for _, end, _ in children]
        words = [0, *(last + [0] * pivots)[:pivots], *([at for _, _, at in children] + [0] * slots)[:slots]]
        self.machine.words(self._nodes, *(words + [0] * 32)[:32])
        self._nodes += 256
        return self._nodes - 256 | kind << 3 | 6

    def file(self, *, mapped_page: int = 1, known: bool = True) -> None:
        """CODE is mapped from a file, which the agent knows; JIT and the vdso beside it."""
        inode, size, seconds, nanoseconds, device = (int(field) for field in IDENTITY[0])
        self.machine.words(FILE, INODE)
        self.machine.words(INODE, inode, size, seconds, nanoseconds, SUPER)
        self.machine.words(SUPER, device)
        if known:
            rows = {ENTRY: pack_rule(RowKind.END), CALLER: pack_rule(RowKind.RSP, cfa=1)}
            run = self.machine.put_rows(CODE, rows)
            self.machine.file(IDENTITY.tobytes(), np.array([(PAGE, 0x3000, 0, *run)], dtype=_FILE).tobytes())
        code = self.vma(CODE + PAGE, CODE + 0x3000, page=mapped_page, file=FILE)
        self.tree([code, self.vma(JIT, JIT + PAGE), self.vma(VDSO, VDSO + PAGE)])


@pytest.fixture
def kernel(library: Path, tmp_path: Path) -> Kernel:
    return Kernel(library, tmp_path / "walks.so")


@pytest.mark.parametrize(
    ("count", "leaf", "inner"),
    [(1, 16, 10), (2, 2, 2), (7, 3, 2), (15, 16, 10), (40, 16, 10), (15, 2, 2)],
)
def test_every_mapping_is_found_and_nothing_between_them(kernel: Kernel, count: int, leaf: int, inner: int) -> None:
    ranges = [(PAGE * 3 * i + PAGE, PAGE * (3 * i + 1 + i % 2) + PAGE) for i in range(count)]
    kernel.tree([kernel.vma(start, end) for start, end in ranges], leaf=leaf, inner=inner)
    for start, end in ranges:
        for address in (start, start + 17, end - 1):
            answer, (first, last, *_) = kernel.machine.mapped(address)
            assert (answer, first, last) == (FOUND, start, end), hex(address)
        assert kernel.machine.mapped(end)[0] == (FOUND if (end, end + PAGE) in ranges else NONE)
    assert kernel.machine.mapped(0)[0] == NONE
    assert kernel.machine.mapped(ALL)[0] == NONE


def test_a_file_is_known_by_what_it_is_and_the_walk_goes_through_it(kernel: Kernel) -> None:
    kernel.file()
    kernel.machine.words(STACK, ENTRY + 1)
    walked = kernel.machine.walk(CALLER + 1, STACK)
    assert (walked.outcome, walked.frames) == (WalkOutcome.END, [CALLER + 1, ENTRY + 1])
    assert kernel.machine.requests == 0


def test_a_file_that_is_not_known_is_asked_for(kernel: Kernel) -> None:
    kernel.file(known=False)
    assert kernel.machine.mapped(CALLER)[0] == UNKNOWN
    walked = kernel.machine.walk(CALLER + 1, STACK)
    assert (walked.outcome, walked.frames) == (WalkOutcome.NO_PROCESS, [CALLER + 1])
    assert kernel.machine.requests == 1


def test_a_part_of_a_file_that_is_no_code_has_no_rows(kernel: Kernel) -> None:
    kernel.file(mapped_page=7)
    answer, (_, _, _, first, rows) = kernel.machine.mapped(CALLER)
    assert (answer, first, rows) == (FOUND, ROWS_ABSENT, 0)


def test_memory_without_a_file_is_jit_code_and_the_vdso_is_the_vdso(kernel: Kernel) -> None:
    kernel.file()
    kernel.machine.vdso(np.array([(0, PAGE, 0, 5, 9)], dtype=_FILE).tobytes())
    assert kernel.machine.mapped(JIT) == (FOUND, (JIT, JIT + PAGE, 0, 0, 0))
    assert kernel.machine.mapped(VDSO + 9) == (FOUND, (VDSO, VDSO + PAGE, VDSO, 5, 9))


def test_a_process_that_is_exiting_has_no_user_stack(library: Path, tmp_path: Path) -> None:
    machine = Machine(library, tmp_path / "walks.so")
    machine.task(TASK)
    machine.words(TASK + OFFSETS["OFF_TASK_MM"], 0)
    walked = machine.walk(CALLER, STACK)
    assert (walked.outcome, walked.frames) == (WalkOutcome.NONE, [])


def test_each_read_that_fails_costs_frames_and_makes_none(library: Path, tmp_path: Path) -> None:
    for number in range(1, 100):
        kernel = Kernel(library, tmp_path / f"walks{number}.so")
        kernel.file()
        kernel.machine.words(STACK, ENTRY + 1)
        walked = kernel.machine.walk(CALLER + 1, STACK, fail=number)
        if not walked.fault_hit:
            break
        assert walked.frames == [CALLER + 1, ENTRY + 1][: len(walked.frames)]
        assert walked.outcome is not WalkOutcome.END, number
    assert number > 15
    assert walked.outcome is WalkOutcome.END


@pytest.mark.parametrize(
    "root",
    [0, 0xDEAD0000 | LEAF << 3, NODES | INNER << 3, NODES | LEAF << 3, NODES | 15 << 3, ALL, VMAS],
    ids=["empty", "unreadable", "a circle", "a leaf of garbage", "no type", "ones", "no node"],
)
def test_a_tree_that_is_torn_gives_no_mapping_or_the_true_one(kernel: Kernel, root: int) -> None:
    """It changes while it is read, without a lock."""
    real = kernel.vma(CODE, CODE + PAGE)
    circle = NODES | INNER << 3
    kernel.machine.words(NODES, *([circle] * 32))
    kernel.machine.words(MM + OFFSETS["OFF_MM_ROOT"], root, 0)
    for address in (0, CODE, CODE + PAGE, JIT, circle - 1, circle, circle + 1, ALL):
        answer, (start, end, *_) = kernel.machine.mapped(address)
        assert answer == NONE or (start, end) == real[:2]
