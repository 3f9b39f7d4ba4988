"""Looking up beside a recording: what can't be read is counted once, and holds up nothing else."""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from profiler.agent.cost import own_cost
from profiler.agent.symbols import dwarf_lookups
from profiler.agent.symbols.debug_files import OpenDwarf
from profiler.agent.symbols.dwarf_lookups import DwarfLookups
from profiler.debuginfo.image import open_for_reading
from profiler.debuginfo.worker import Descriptors, DwarfWorker
from tests.debuginfo.programs import code_of, compiled

PATIENCE_S = 30.0


@dataclass
class File:
    name: str
    number: int
    dwarf: OpenDwarf | None


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled("inlined.c", tmp_path_factory.mktemp("lookups"))


@pytest.fixture
def worker() -> Iterator[DwarfWorker]:
    made = DwarfWorker()
    yield made
    made.close()


def opened(path: Path, number: int) -> File:
    return File(path.name, number, OpenDwarf(Descriptors(open_for_reading(path))))


def names(lookups: DwarfLookups, file: File, address: int) -> list[str]:
    return [frame.name for frame in lookups.chain(file, address)]


def test_nothing_is_read_in_the_first_second_unless_somebody_waits(
    program: Path, worker: DwarfWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dwarf_lookups, "START_DELAY_S", PATIENCE_S)
    lookups, file, main = DwarfLookups(worker), opened(program, 1), code_of(program, "main").start
    assert names(lookups, file, main) == []
    time.sleep(0.2)  # its thread runs
    assert worker.pid == 0
    began = time.monotonic()
    assert lookups.wait(PATIENCE_S)
    assert time.monotonic() - began < PATIENCE_S / 2
    assert names(lookups, file, main)[-1] == "main"


def test_a_file_that_ends_the_worker_is_counted_and_others_are_read_after_it(
    program: Path, worker: DwarfWorker
) -> None:
    lookups, main = DwarfLookups(worker), code_of(program, "main").start
    first, second = opened(program, 1), opened(program, 2)
    worker.functions_at(first.dwarf.descriptors, [main])  # type: ignore[union-attr]
    os.kill(worker.pid, 9)
    lookups.want(first, main)
    assert lookups.wait(PATIENCE_S)
    (reason,) = lookups.take_skipped()
    assert reason.startswith("debug information of inlined: looking 1 addresses up failed")
    assert names(lookups, first, main) == []
    lookups.want(second, main)
    assert lookups.wait(PATIENCE_S)
    assert names(lookups, second, main)[-1] == "main"
    assert names(lookups, first, main) == []
    assert lookups.take_skipped() == {}


def test_without_work_the_worker_and_its_thread_end(
    program: Path, worker: DwarfWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dwarf_lookups, "IDLE_S", 0.05)
    lookups, main = DwarfLookups(worker), code_of(program, "main").start
    lookups.want(opened(program, 1), main)
    assert lookups.wait(PATIENCE_S)
    deadline = time.monotonic() + PATIENCE_S
    while worker.pid or any(thread.name == "webprof-dwarf" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_is_remembered_is_bounded_by_pieces_of_code(
    program: Path, worker: DwarfWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dwarf_lookups, "MAX_PIECES", 1)
    lookups, main = DwarfLookups(worker), code_of(program, "main").start
    files = [opened(program, number) for number in (1, 2)]
    for file in files:
        lookups.want(file, main)
        assert lookups.wait(PATIENCE_S)
    assert list(lookups._known) == [2]
    assert names(lookups, files[0], main) == []  # it is looked up again
    assert lookups.wait(PATIENCE_S)
    assert names(lookups, files[0], main)[-1] == "main"


def test_after_its_work_the_worker_rests_unless_somebody_waits(
    program: Path, worker: DwarfWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("IDLE_S", 0.05), ("START_DELAY_S", 0.0), ("FIRST_REST_S", PATIENCE_S)):
        monkeypatch.setattr(dwarf_lookups, name, value)
    lookups, main = DwarfLookups(worker), code_of(program, "main").start
    lookups.want(opened(program, 1), main)  # the first time it does not rest
    deadline = time.monotonic() + PATIENCE_S
    while lookups._rests_until == 0.0 or worker.pid:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    second = opened(program, 2)
    lookups.want(second, main)
    time.sleep(0.3)
    assert worker.pid == 0
    assert lookups.wait(PATIENCE_S / 2)
    assert names(lookups, second, main)[-1] == "main"


def test_the_rests_grow_up_to_a_bound_and_begin_anew_after_a_long_pause(
    program: Path, worker: DwarfWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups, main = DwarfLookups(worker), code_of(program, "main").start
    file, rests = opened(program, 1), []
    for _ in range(6):
        worker.functions_at(file.dwarf.descriptors, [main])  # type: ignore[union-attr]
        lookups._rest()
        rests.append(lookups._rest_s)
    assert rests == [2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    monkeypatch.setattr(dwarf_lookups, "LAST_REST_S", -30.0)
    worker.functions_at(file.dwarf.descriptors, [main])  # type: ignore[union-attr]
    lookups._rest()
    assert lookups._rest_s == 2.0


def test_when_memory_is_short_the_worker_ends_unless_somebody_waits(
    program: Path, worker: DwarfWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dwarf_lookups, "IDLE_S", PATIENCE_S)
    monkeypatch.setattr(dwarf_lookups, "FIRST_REST_S", PATIENCE_S)
    monkeypatch.setattr(own_cost.helpers(), "crowded", True)
    lookups, main = DwarfLookups(worker), code_of(program, "main").start
    first, second = opened(program, 1), opened(program, 2)
    lookups.want(first, main)
    assert lookups.wait(PATIENCE_S)
    assert worker.pid
    lookups.want(second, main)
    deadline = time.monotonic() + PATIENCE_S
    while worker.pid:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert names(lookups, second, main) == []
    assert lookups.wait(PATIENCE_S / 2)
    assert names(lookups, second, main)[-1] == "main"
