"""Real bpftrace programs on the real kernel, about a load whose size is known."""

import shutil
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from profiler.agent.bpftrace.publisher import LiveResults
from profiler.agent.bpftrace.session import ProgramSession
from profiler.agent.delivery.spool import Spool
from profiler.core.bpftrace.channel import BPFTRACE_STREAM, BpftraceMessage, live_results_key
from profiler.core.bpftrace.results import MAX_LINES, MapResult, ProgramReport, decode
from profiler.core.bpftrace.stacks import kinds_of, profile_of
from profiler.core.channel import RunState
from profiler.core.profile import ProfileMeta
from tests.agent.servers import RedisServer, wait_for
from tests.bpf.conftest import Build

pytestmark = [
    pytest.mark.bpf,
    pytest.mark.redis,
    pytest.mark.skipif(shutil.which("bpftrace") is None, reason="bpftrace is not installed: apt-get install bpftrace"),
]

PRIME = 1009
LONG_S = 600


@pytest.fixture(scope="module")
def live_redis() -> Iterator[RedisServer]:
    path = Path(tempfile.mkdtemp(prefix="webprof-"))
    server = RedisServer(path)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(path)


class Program:
    """One program on its way; `report` is the last that was shown of it."""

    def __init__(self, server: RedisServer, directory: Path, text: str, duration_s: int = LONG_S) -> None:
        self._redis = server.client
        self._spool = Spool(directory / "spool")
        self.run = str(uuid.uuid4())
        asked = BpftraceMessage(run=self.run, program=text, duration_s=duration_s)
        self.session = ProgramSession("web-1", asked, LiveResults(server.client, lambda: None), self._spool)
        self._thread = threading.Thread(target=self.session.run)
        self._thread.start()

    @property
    def report(self) -> ProgramReport | None:
        entries: list[tuple[bytes, dict[bytes, bytes]]] = self._redis.xrange(live_results_key(self.run))  # type: ignore[assignment]
        return decode(entries[-1][1][b"data"]) if entries else None

    def wait(self, until: Callable[[ProgramReport], bool], what: str) -> ProgramReport:
        return wait_for(lambda: report if (report := self.report) and until(report) else None, what)

    def wait_until_it_runs(self) -> None:
        self.wait(lambda report: report.state is not RunState.STARTING, "bpftrace to attach")

    def end(self) -> ProgramReport:
        """Stop it; what is in the spool afterwards."""
        self.session.stop(RunState.DONE, "")
        return self.ended()

    def ended(self) -> ProgramReport:
        self._thread.join(120)
        found = self._spool.oldest()
        assert found is not None
        assert found[1].stream == BPFTRACE_STREAM
        return decode(found[1].batch or b"")


@pytest.fixture
def program(live_redis: RedisServer, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    begun: list[Program] = []

    def begin(text: str, duration_s: int = LONG_S) -> Program:
        begun.append(Program(live_redis, tmp_path, text, duration_s))
        return begun[-1]

    yield begin
    for each in begun:
        each.session.stop(RunState.CANCELLED, "")
        each.ended()


@contextmanager
def hits(binary: Path, count: int = PRIME) -> Iterator[Callable[[], None]]:
    """A call hits `count` times, and returns then; the process stays, so that its symbols can be read."""
    with subprocess.Popen([binary, str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def hit() -> None:
            process.stdin.write(b"\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            assert process.stdout.readline() == b"done\n"  # type: ignore[union-attr]

        yield hit
        process.stdin.close()


def maps_of(report: ProgramReport) -> dict[str, MapResult]:
    return {each.name: each for each in report.results.maps}


def test_counts_histograms_stacks_and_lines_are_exact(program: Callable[..., Program], build: Build) -> None:
    binary = build("hits")
    text = f"""uprobe:{binary}:hit {{
        @n = count(); @sum = sum(arg0); @by[comm] = count(); @h = hist(arg0); @l = lhist(arg0, 0, 1000, 100);
        @stacks[ustack, comm] = count(); printf("hit %d\\n", arg0);
    }}"""
    begun = program(text)
    begun.wait_until_it_runs()
    with hits(binary) as hit:
        hit()
        report = begun.end()
    maps = maps_of(report)
    assert (report.state, report.message) == (RunState.DONE, "")
    assert maps["@n"].rows == [("", PRIME)]
    assert maps["@sum"].rows == [("", PRIME * (PRIME - 1) // 2)]
    assert maps["@by"].rows == [("hits", PRIME)]
    assert maps["@h"].rows[0][1][:3] == [(0, 0, 1), (1, 1, 1), (2, 3, 2)]  # type: ignore[index]
    assert sum(bucket[2] for bucket in maps["@h"].rows[0][1]) == PRIME  # type: ignore[union-attr,index,misc]
    assert maps["@l"].rows[0][1][-1] == (1000, None, PRIME - 1000)  # type: ignore[index]
    printed = report.results.printed
    assert printed.seen + printed.lost == PRIME
    assert printed.seen == len(printed.text) + printed.over_rate + printed.scrolled
    assert maps["@stacks"].shows == "stacks"
    profile = profile_of(maps["@stacks"].rows, ProfileMeta(), kinds_of(text, "@stacks"))
    names = [profile.frames[frame].name for frame in profile.stacks.path(int(profile.node[0]))]
    assert profile.total == PRIME
    # At its entry a function has no frame of its own yet, so the frame pointer hides its caller.
    assert names[-2:] == ["main", "hit"]


def test_a_map_that_is_printed_each_interval_is_a_series(program: Callable[..., Program], build: Build) -> None:
    binary = build("hits")
    begun = program(f"uprobe:{binary}:hit {{ @n = count(); }} interval:ms:100 {{ print(@n); }}")
    begun.wait_until_it_runs()

    def values(report: ProgramReport) -> list[object]:
        points = maps_of(report)["@n"].points if "@n" in maps_of(report) else []
        return [cell for point in points for _, cell in point.rows]

    before = begun.wait(lambda report: len(values(report)) > 1, "two intervals")
    with hits(binary) as hit:
        hit()
        shown = begun.wait(lambda report: PRIME in values(report), "the hits to be printed")
    assert values(before)[:2] == [0, 0]
    assert values(shown)[-1] == PRIME


@pytest.mark.parametrize(
    ("text", "marked", "says"),
    [
        ("BEGIN {\n  @x = nosuch(5);\n}", "nosuch", "Unknown function: nosuch"),
        ('BEGIN { printf("é%d", nosuch(1)); }', "nosuch", "Unknown function"),
        ("tracepoint:raw_syscalls:sys_enter { @ = args->nosuch; }", "args->nosuch", "field named 'nosuch'"),
        ("tracepoint:sched:nosuch { @ = count(); }", "tracepoint:sched:nosuch", "tracepoint not found: sched:nosuch"),
        ('BEGIN { system("id"); }', 'system("id")', "unsafe"),
    ],
)
def test_a_program_that_does_not_compile_says_where(
    program: Callable[..., Program], text: str, marked: str, says: str
) -> None:
    report = program(text).ended()
    problem = next(each for each in report.results.problems if each.fatal)
    line = text.split("\n")[problem.line - 1]
    assert report.state is RunState.FAILED
    assert says in report.message
    assert f"line {problem.line}, column {problem.column}" in report.message
    assert marked.startswith(line[problem.column - 1 : problem.end - 1])
    assert report.results.probes == 0


def test_what_compiles_and_can_not_be_attached_says_why(program: Callable[..., Program]) -> None:
    report = program("hardware:nosuch-counter:100 { @ = count(); }").ended()
    assert report.state is RunState.FAILED
    assert "nosuch-counter" in report.message


def test_a_program_that_never_ends_ends_when_its_time_is_over(program: Callable[..., Program], build: Build) -> None:
    binary = build("hits")
    begun = program(f"BEGIN {{ @begun = 1; }} uprobe:{binary}:hit {{ @n = count(); }}", duration_s=1)
    report = begun.ended()
    assert (report.state, report.message) == (RunState.DONE, "")
    assert report.elapsed_s >= 1
    assert maps_of(report)["@begun"].rows == [("", 1)]


def test_a_flood_of_lines_is_bounded_and_counted(program: Callable[..., Program], build: Build) -> None:
    binary, count = build("hits"), 200_003
    begun = program(f'uprobe:{binary}:hit {{ @n = count(); printf("hit number %d of very many\\n", arg0); }}')
    begun.wait_until_it_runs()
    with hits(binary, count) as hit:
        hit()
        report = begun.end()
    printed = report.results.printed
    assert maps_of(report)["@n"].rows == [("", count)]
    assert len(printed.text) <= MAX_LINES
    assert printed.seen == len(printed.text) + printed.over_rate + printed.scrolled
    # What bpftrace lost in the kernel after the last line that it printed it does not tell.
    assert printed.seen + printed.lost <= count


def test_nothing_of_a_program_stays(program: Callable[..., Program]) -> None:
    begun = program("BEGIN { @x = 1; }")
    begun.wait_until_it_runs()
    pid = begun.session.child_pid
    begun.end()
    assert pid is not None
    assert not Path(f"/proc/{pid}").exists()
