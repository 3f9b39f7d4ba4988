"""The parsing process."""

import os
from pathlib import Path

import pytest

from profiler.agent.unwind.eh_frame import parse_eh_frame
from profiler.agent.unwind.elf import Section
from profiler.agent.unwind.worker import ParsingWorker, WorkerError
from tests.agent.unwind.test_eh_frame import BASH, section_of


def test_the_worker_gives_the_same_rows_again_and_again() -> None:
    worker = ParsingWorker()
    try:
        for _ in range(2):
            table = worker.parse(section_of(BASH))
            assert (table.rows == parse_eh_frame(section_of(BASH)).rows).all()
        cut = section_of(BASH)
        assert worker.parse(cut._replace(data=cut.data[:5000])).skipped == {"truncated": 1}
    finally:
        worker.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_the_worker_is_nobody() -> None:
    worker = ParsingWorker()
    try:
        worker.parse(Section(0, b""))
        assert worker._process is not None
        status = Path(f"/proc/{worker._process.pid}/status").read_text()
        assert "\nUid:\t65534\t65534\t65534\t65534\n" in status
        assert "\nGroups:\t \n" in status
    finally:
        worker.close()


def test_a_section_that_takes_too_long_is_given_up_and_the_next_one_works() -> None:
    worker = ParsingWorker(timeout_s=0.01)
    with pytest.raises(WorkerError, match=r"parsing a section of \d+ bytes failed"):
        worker.parse(section_of(BASH))
    patient = ParsingWorker()
    patient._process = worker._process
    try:
        assert len(patient.parse(section_of(BASH)).rows) > 1000
    finally:
        patient.close()
