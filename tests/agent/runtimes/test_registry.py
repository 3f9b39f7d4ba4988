"""Which runtime a stack belongs to, and when a process is looked at."""

import os
from collections import OrderedDict, defaultdict
from collections.abc import Sequence

import pytest

from profiler.agent.runtimes import base, registry
from profiler.agent.runtimes.base import Process, Refined
from profiler.agent.runtimes.registry import Context, Runtimes
from profiler.agent.sampling.events import StackEvent, Task, WalkOutcome
from profiler.agent.sampling.frame_table import FrameTable

ME = os.getpid()


class Recorder:
    """A runtime that notes what it is told; stacks of `own` are its."""

    def __init__(self, own: bool) -> None:
        self.own = own
        self.waits = False
        self.told: list[object] = []

    def adopt(self, process: Process) -> bool:
        self.told.append(("adopt", process.pid))
        return self.own

    def sampled(self, pid: int) -> None:
        self.told.append(("sampled", pid))

    def check(self) -> bool:
        self.told.append("check")
        return self.waits

    def read(self) -> None:
        self.told.append("read")

    def refine(self, event: StackEvent, frames: Sequence[int]) -> Refined | None:
        return Refined(frames[::-1], "seen", "do this") if self.own else None

    def close(self) -> None:
        self.told.append("close")


class NoMaps:
    def map_fd(self, name: str) -> int:
        raise AssertionError(name)


@pytest.fixture
def recorders(monkeypatch: pytest.MonkeyPatch) -> list[Recorder]:
    made = [Recorder(own=False), Recorder(own=True)]
    monkeypatch.setattr(registry, "RUNTIMES", [lambda _context, one=one: one for one in made])
    return made


forgotten: list[int] = []
PLAIN, OTHER = frozenset({("08:01", 7)}), frozenset({("08:01", 8)})
files: dict[int, frozenset[tuple[str, int]]] = defaultdict(frozenset)


@pytest.fixture
def runtimes(recorders: list[Recorder]) -> Runtimes:
    return Runtimes(Context(NoMaps(), FrameTable(), forgotten.append, files.__getitem__))


EVENT = StackEvent(0, Task(ME, ME, "me"), WalkOutcome.END, False, (), (1,))


def test_the_runtime_whose_stack_it_is_refines_it(runtimes: Runtimes) -> None:
    assert runtimes.refine(EVENT, [1, 2]) == Refined([2, 1], "seen", "do this")


def test_a_stack_of_no_runtime_stays_as_it_is(runtimes: Runtimes, recorders: list[Recorder]) -> None:
    recorders[1].own = False
    assert runtimes.refine(EVENT, [1]) == Refined([1])


def test_a_process_is_looked_at_when_it_is_sampled_first_and_when_its_name_changes(
    runtimes: Runtimes, recorders: list[Recorder]
) -> None:
    look = [("adopt", ME), ("sampled", ME), "check"]
    for comm, expected in (("sh", look), ("sh", ["check"]), ("python3", look)):
        recorders[0].told.clear()
        runtimes.notice(ME, comm)
        runtimes.check()
        assert recorders[0].told == expected


def test_a_process_that_mapped_a_runtime_is_looked_at_before_it_is_sampled(
    runtimes: Runtimes, recorders: list[Recorder]
) -> None:
    runtimes.expect([ME])
    runtimes.check()
    assert recorders[0].told == [("adopt", ME), "check"]


def test_as_long_as_a_runtime_waits_for_a_process_it_says_so(runtimes: Runtimes, recorders: list[Recorder]) -> None:
    for waits in (True, False):
        recorders[0].waits = waits
        runtimes.check()
        assert runtimes.is_waiting is waits


def test_what_was_known_of_a_process_before_a_runtime_took_it_is_forgotten(
    runtimes: Runtimes, recorders: list[Recorder]
) -> None:
    for own, expected in ((False, []), (True, [ME])):
        recorders[1].own = own
        forgotten.clear()
        runtimes.notice(ME, f"own {own}")
        runtimes.check()
        assert forgotten == expected


def test_files_that_were_no_runtimes_are_not_looked_at_again(runtimes: Runtimes, recorders: list[Recorder]) -> None:
    recorders[1].own = False
    mine = frozenset(("08:01", mapping.inode) for mapping in Process.of(ME).mappings if mapping.inode)
    for comm, mapped, looks in (("sh", mine, 1), ("ls", mine, 1), ("python3", OTHER, 2)):
        files[ME] = mapped
        runtimes.notice(ME, comm)
        runtimes.check()
        assert recorders[0].told.count(("adopt", ME)) == looks, comm
    files.clear()


def test_files_of_a_process_that_runs_another_program_by_now_are_looked_at_again(
    runtimes: Runtimes, recorders: list[Recorder]
) -> None:
    recorders[1].own = False
    files[ME] = OTHER
    for comm, looks in (("fork", 1), ("python3", 2)):
        runtimes.notice(ME, comm)
        runtimes.check()
        assert recorders[0].told.count(("adopt", ME)) == looks, comm
    files.clear()


def test_a_process_that_was_a_runtimes_is_looked_at_whatever_it_becomes(
    runtimes: Runtimes, recorders: list[Recorder]
) -> None:
    runtimes._plain.add(PLAIN)
    for comm, mapped, looks in (("python3", OTHER, 1), ("sh", PLAIN, 2)):
        files[ME] = mapped
        runtimes.notice(ME, comm)
        runtimes.check()
        assert recorders[0].told.count(("adopt", ME)) == looks, comm
    files.clear()


def test_kernel_threads_and_processes_that_are_gone_are_passed_over(
    runtimes: Runtimes, recorders: list[Recorder]
) -> None:
    runtimes.notice(2, "kthread")
    runtimes.notice(2**22, "gone")
    runtimes.check()
    assert ("adopt", 2) not in recorders[0].told
    assert ("adopt", 2**22) not in recorders[0].told


def test_before_a_whole_system_is_recorded_its_processes_are_looked_at(
    runtimes: Runtimes, recorders: list[Recorder]
) -> None:
    runtimes.adopt_all()
    assert ("adopt", ME) in recorders[0].told
    assert ("sampled", ME) not in recorders[0].told


def test_a_host_with_very_many_processes_does_not_hold_up_the_start(
    runtimes: Runtimes, recorders: list[Recorder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "MAX_ADOPTION_S", 0.0)
    runtimes.adopt_all()
    assert len(recorders[0].told) <= 1


def test_what_is_remembered_by_process_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "MAX_PROCESSES", 2)
    met = OrderedDict.fromkeys((1, 2, 3))
    base.forget_oldest(met)
    assert list(met) == [2, 3]
