"""What is learned between recordings, from the real processes of this machine.

The worker is real, but does not wait for a CPU that would idle: beside other tests that takes long.
"""

import mmap
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from profiler.agent.unwind import warm_up
from profiler.agent.unwind.elf import SectionPlace
from profiler.agent.unwind.file_memory import FileMemory
from profiler.agent.unwind.mappings import Mapping, file_key, read_mappings
from profiler.agent.unwind.rows import RowTable
from profiler.agent.unwind.rows_cache import RowsCache
from profiler.agent.unwind.warm_up import Learned, WarmUp
from profiler.agent.unwind.worker import ParsingWorker
from profiler.debuginfo.elf import ReadAt


@pytest.fixture
def sleeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The only process that there is to learn from."""
    with subprocess.Popen(["sleep", "60"]) as process:
        assert process.stdout is None
        while not any(mapping.name.endswith("/libc.so.6") for mapping in read_mappings(process.pid).mappings):
            assert process.poll() is None  # the loader is still mapping libraries
        monkeypatch.setattr(warm_up, "processes_by_cpu_time", lambda: [process.pid])
        yield process.pid
        process.kill()


def mapping_of(pid: int, name: str) -> Mapping:
    return next(mapping for mapping in read_mappings(pid).mappings if mapping.name.endswith(name))


def test_what_a_process_has_mapped_is_known_afterwards(tmp_path: Path, sleeper: int) -> None:
    learned = WarmUp(tmp_path, lambda: False, ParsingWorker()).learn()
    key = file_key(sleeper, mapping_of(sleeper, "/libc.so.6"))
    assert key is not None
    known = FileMemory(tmp_path).get(key)
    assert known is not None
    assert known.content is not None
    rows = RowsCache(tmp_path).get(known.content)
    assert rows is not None
    assert len(rows) > 10_000
    assert learned.rows > len(rows)


def test_a_second_round_finds_nothing_new(tmp_path: Path, sleeper: int) -> None:
    WarmUp(tmp_path, lambda: False, ParsingWorker()).learn()
    assert WarmUp(tmp_path, lambda: False, ParsingWorker()).learn() == Learned(files=0, rows=0)


def test_rows_that_went_away_are_made_again(tmp_path: Path, sleeper: int) -> None:
    first = WarmUp(tmp_path, lambda: False, ParsingWorker()).learn()
    for rows in tmp_path.glob("*.rows"):
        rows.unlink()
    assert WarmUp(tmp_path, lambda: False, ParsingWorker()).learn() == Learned(files=0, rows=first.rows)


def test_while_a_recording_runs_nothing_is_learned(tmp_path: Path, sleeper: int) -> None:
    assert WarmUp(tmp_path, lambda: True).learn() == Learned()
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_has_ended_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(["true"]) as ended:
        pass
    monkeypatch.setattr(warm_up, "processes_by_cpu_time", lambda: [ended.pid])
    assert WarmUp(tmp_path, lambda: False, ParsingWorker()).learn() == Learned()


def test_a_mapped_file_that_is_no_program_is_remembered_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = tmp_path / "text"
    text.write_text("no ELF file")
    with text.open() as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ | mmap.PROT_EXEC):
        mapping = mapping_of(os.getpid(), str(text))
        key = file_key(os.getpid(), mapping)
        # Nothing else of this process: its libraries take seconds.
        monkeypatch.setattr(WarmUp, "_mappings", lambda _self: iter([(os.getpid(), mapping)]))
        WarmUp(tmp_path / "cache", lambda: False, ParsingWorker()).learn()
    assert key is not None
    assert FileMemory(tmp_path / "cache").get(key) == ((), None)


def test_it_stops_while_it_waits_for_the_next_round(tmp_path: Path, sleeper: int) -> None:
    learner = WarmUp(tmp_path, lambda: True)
    learner.start()
    learner.stop()
    assert not learner._thread.is_alive()


def test_a_recording_that_begins_ends_the_worker_and_the_file_is_learned_later(tmp_path: Path, sleeper: int) -> None:
    worker = ParsingWorker()
    begun = threading.Event()
    learner = WarmUp(tmp_path, begun.is_set, worker)
    real = worker.parse

    def slow(place: SectionPlace, read_at: ReadAt) -> RowTable:
        def slowly(offset: int, size: int) -> bytes:  # the worker gets nothing until it is ended
            begun.set()
            process = worker._process
            assert process is not None
            process.wait(10)
            return read_at(offset, size)

        return real(place, slowly)

    worker.parse = slow  # type: ignore[method-assign,assignment]
    assert learner.learn().rows == 0
    assert not learner._hopeless
    assert WarmUp(tmp_path, lambda: False, ParsingWorker()).learn().rows > 10_000
