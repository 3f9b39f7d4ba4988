"""Every program of the library compiles, attaches and ends on the real kernel."""

import os
import shutil
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from profiler.agent.bpftrace.publisher import LiveResults
from profiler.agent.bpftrace.session import ProgramSession
from profiler.agent.delivery.spool import Spool
from profiler.bpftrace.library import OneLiner, library
from profiler.core.bpftrace.channel import BpftraceMessage
from profiler.core.bpftrace.results import ProgramReport, decode
from profiler.core.channel import RunState

pytestmark = [
    pytest.mark.bpf,
    pytest.mark.skipif(shutil.which("bpftrace") is None, reason="bpftrace is not installed: apt-get install bpftrace"),
]
# Each waits for a second; several wait at once.
AT_ONCE = 4
# Nothing listens there: a program runs whoever watches.
NO_REDIS = redis.Redis(unix_socket_path="/nowhere/redis.sock")


def run(entry: OneLiner, directory: Path) -> ProgramReport:
    given = {"pid": str(os.getpid())} if any(each.name == "pid" for each in entry.parameters) else {}
    asked = BpftraceMessage(run=str(uuid.uuid4()), program=entry.text(given), duration_s=1)
    spool = Spool(directory / entry.name)
    ProgramSession("web-1", asked, LiveResults(NO_REDIS, lambda: None), spool).run()
    found = spool.oldest()
    assert found is not None
    return decode(found[1].batch or b"")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ProgramReport]]:
    directory = tmp_path_factory.mktemp("library")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda entry: run(entry, directory), library())
        yield {entry.name: report for entry, report in zip(library(), found, strict=True)}


def test_every_program_runs_until_its_time_is_over(reports: dict[str, ProgramReport]) -> None:
    failed = {name: report.message for name, report in reports.items() if report.state is not RunState.DONE}
    assert failed == {}
    assert [name for name, report in reports.items() if report.results.probes == 0] == []


def test_no_program_says_what_can_not_be_read(reports: dict[str, ProgramReport]) -> None:
    assert [name for name, report in reports.items() if report.results.printed.unreadable] == []
    shown = {each.shows for report in reports.values() for each in report.results.maps}
    assert {"number", "histogram", "stacks"} <= shown
