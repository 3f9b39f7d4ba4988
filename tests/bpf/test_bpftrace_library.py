"""Every program of the library compiles, attaches and ends on the real kernel."""

import os
import re
import shutil
import uuid
from collections.abc import Sequence
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
# Programs of these many entries are run as one: starting bpftrace twice for each entry takes a second of CPU time.
TOGETHER = 9
# Nothing listens there: a program runs whoever watches.
NO_REDIS = redis.Redis(unix_socket_path="/nowhere/redis.sock")


def text_of(entry: OneLiner) -> str:
    """With maps of its own names."""
    given = {"pid": str(os.getpid())} if any(each.name == "pid" for each in entry.parameters) else {}
    return re.sub(r"@(\w*)", rf"@{entry.name.replace('-', '_')}_\1", entry.text(given))


def run(entries: Sequence[OneLiner], directory: Path) -> ProgramReport:
    text = "\n".join(text_of(entry) for entry in entries)
    head, end, rest = text.partition("END {")
    text = head + end + re.sub(r"END \{[^}]*\}", "", rest)  # a program may have one
    spool = Spool(directory)
    asked = BpftraceMessage(run=str(uuid.uuid4()), program=text, duration_s=1)
    ProgramSession("web-1", asked, LiveResults(NO_REDIS, lambda: None), spool).run()
    found = spool.oldest()
    assert found is not None
    return decode(found[1].batch or b"")


@pytest.mark.parametrize("first", range(0, len(library()), TOGETHER))
def test_programs_of_the_library_run_until_their_time_is_over(first: int, tmp_path: Path) -> None:
    report = run(library()[first : first + TOGETHER], tmp_path)
    assert (report.state, report.message) == (RunState.DONE, "")
    assert report.results.probes >= len(library()[first : first + TOGETHER])
    assert report.results.printed.unreadable == 0
