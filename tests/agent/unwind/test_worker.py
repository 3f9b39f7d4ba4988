"""The parsing process."""

import os
import subprocess
from pathlib import Path

import pytest

from profiler.agent.unwind.eh_frame import parse_eh_frame
from profiler.agent.unwind.elf import Section, SectionPlace
from profiler.agent.unwind.rows import RowTable
from profiler.agent.unwind.worker import _NICE, ParsingWorker, WorkerError
from tests.agent.unwind.test_eh_frame import BASH, section_of


def parse(worker: ParsingWorker, section: Section) -> RowTable:
    place = SectionPlace(section.vaddr, 0, len(section.data), section.entry)
    return worker.parse(place, lambda offset, size: section.data[offset : offset + size])


def test_the_worker_gives_the_same_rows_again_and_again() -> None:
    worker = ParsingWorker()
    try:
        for _ in range(2):
            table = parse(worker, section_of(BASH))
            assert (table.rows == parse_eh_frame(section_of(BASH)).rows).all()
        cut = section_of(BASH)
        assert parse(worker, cut._replace(data=cut.data[:5000])).skipped == {"truncated": 1}
    finally:
        worker.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_the_worker_is_nobody_and_not_preferred_to_others_whoever_starts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The refresher's threads are preferred to others, and so is what they start."""
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda command, **rest: popen(["nice", "-n", "-10", *command], **rest))
    worker = ParsingWorker()
    try:
        parse(worker, Section(0, b""))
        assert worker._process is not None
        status = Path(f"/proc/{worker._process.pid}/status").read_text()
        assert "\nUid:\t65534\t65534\t65534\t65534\n" in status
        assert "\nGroups:\t \n" in status
        assert os.getpriority(os.PRIO_PROCESS, worker._process.pid) == _NICE
    finally:
        worker.close()


def test_a_section_that_takes_too_long_is_given_up_and_the_next_one_works() -> None:
    worker = ParsingWorker(timeout_s=0.01)
    with pytest.raises(WorkerError, match=r"parsing a section of \d+ bytes failed"):
        parse(worker, section_of(BASH))
    patient = ParsingWorker()
    patient._process = worker._process
    try:
        assert len(parse(patient, section_of(BASH)).rows) > 1000
    finally:
        patient.close()


def test_a_file_that_is_shorter_than_it_says_gives_the_rows_that_are_there() -> None:
    section = section_of(BASH)
    data = section.data[:5000]
    worker = ParsingWorker()
    try:
        place = SectionPlace(section.vaddr, 0, len(section.data), section.entry)
        table = worker.parse(place, lambda offset, size: data[offset : offset + size])
    finally:
        worker.close()
    assert table.skipped == {"truncated": 1}
    assert len(table.rows) > 100


def test_a_worker_survives_a_section_without_rows() -> None:
    worker = ParsingWorker()
    try:
        assert len(parse(worker, Section(0, b"")).rows) == 0
        first = worker._process
        assert len(parse(worker, section_of(BASH)).rows) > 1000
        assert worker._process is first
    finally:
        worker.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may take a process out of SCHED_IDLE")
def test_what_nobody_waits_for_is_parsed_when_a_cpu_would_idle_until_somebody_does() -> None:
    worker = ParsingWorker()
    section = section_of(BASH)
    place = SectionPlace(section.vaddr, 0, len(section.data), section.entry)
    seen = []

    def read_at(offset: int, size: int) -> bytes:
        assert worker._process is not None
        seen.append(os.sched_getscheduler(worker._process.pid))
        worker.hurry()
        seen.append(os.sched_getscheduler(worker._process.pid))
        return section.data[offset : offset + size]

    try:
        worker.parse(place, read_at, urgent=False)
    finally:
        worker.close()
    assert seen[:2] == [os.SCHED_IDLE, os.SCHED_OTHER]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may take a process out of SCHED_IDLE")
def test_an_idle_worker_is_never_in_a_hurry() -> None:
    worker = ParsingWorker(idle=True)
    try:
        parse(worker, section_of(BASH))
        worker.hurry()
        assert worker._process is not None
        assert os.sched_getscheduler(worker._process.pid) == os.SCHED_IDLE
    finally:
        worker.close()
