"""Which runtime a stack belongs to, and when a process is looked at."""

import os
from collections import OrderedDict

import pytest

from profiler.agent.events import StackEvent, Task, WalkOutcome
from profiler.agent.runtimes import base, registry
from profiler.agent.runtimes.base import Process, Refined
from profiler.agent.runtimes.registry import Context, Runtimes
from profiler.core.frame import Frame

ME = os.getpid()


class Recorder:
    """A runtime that notes what it is told; stacks of `own` are its."""

    def __init__(self, own: bool) -> None:
        self.own = own
        self.told: list[object] = []

    def adopt(self, process: Process) -> None:
        self.told.append(("adopt", process.pid))

    def sampled(self, pid: int) -> None:
        self.told.append(("sampled", pid))

    def check(self) -> None:
        self.told.append("check")

    def refine(self, event: StackEvent, frames: list[Frame]) -> Refined | None:
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


@pytest.fixture
def runtimes(recorders: list[Recorder]) -> Runtimes:
    return Runtimes(Context(NoMaps(), lambda _pid: None))


def event(pid: int = ME, comm: str = "me", user: tuple[int, ...] = (1,)) -> StackEvent:
    return StackEvent(0, Task(pid, pid, comm), WalkOutcome.END, False, (), user)


def test_the_runtime_whose_stack_it_is_refines_it(runtimes: Runtimes) -> None:
    assert runtimes.refine(event(), [Frame("a"), Frame("b")]) == Refined([Frame("b"), Frame("a")], "seen", "do this")


def test_a_stack_of_no_runtime_stays_as_it_is(runtimes: Runtimes, recorders: list[Recorder]) -> None:
    recorders[1].own = False
    assert runtimes.refine(event(), [Frame("a")]) == Refined([Frame("a")])


def test_a_process_is_looked_at_when_it_is_sampled_first_and_when_its_name_changes(
    runtimes: Runtimes, recorders: list[Recorder]
) -> None:
    look = [("adopt", ME), ("sampled", ME), "check"]
    for comm, expected in (("sh", look), ("sh", ["check"]), ("python3", look)):
        recorders[0].told.clear()
        runtimes.refine(event(comm=comm), [Frame("a")])
        runtimes.check()
        assert recorders[0].told == expected


def test_kernel_threads_and_processes_that_are_gone_are_passed_over(
    runtimes: Runtimes, recorders: list[Recorder]
) -> None:
    runtimes.refine(event(pid=2, user=()), [Frame("kthread")])
    runtimes.refine(event(pid=2**22, comm="gone"), [Frame("a")])
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
