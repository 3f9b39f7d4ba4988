"""Examples of histograms on the real kernel: their stacks lead to what a known load did; without one they say why."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from profiler.agent.kernel.btf import Btf
from profiler.agent.probes import example_stacks, shared_walk
from profiler.agent.probes.histogram_source import HistogramSource
from profiler.agent.sampling.recording import shared_symbolizer
from profiler.core.errors import WebprofError
from profiler.core.histogram_batch import Exemplar, HistogramBatch, decode, encode
from profiler.core.histogram_stacks import stacks_of
from profiler.probes.registry import all_probes, probe_named
from tests.agent.servers import wait_for
from tests.bpf.conftest import Build
from tests.bpf.harness import PATIENCE_S
from tests.bpf.probes.histograms import HOST, NAMED, Counted, block_device, is_exact
from tests.bpf.waiting import waiter

pytestmark = pytest.mark.bpf

CALLS, READS, WAITS, WAIT_MS = 97, 31, 3, 20
Names = tuple[str, ...]


@pytest.fixture(scope="module", autouse=True)
def _walk() -> Iterator[None]:
    """What the host runs is known to all of them."""
    with shared_walk.shared_walk().joined() as walk:
        wait_for(lambda: walk.ready, "what the host runs", PATIENCE_S)
        yield


@contextmanager
def watched(name: str, **values: object) -> Iterator[HistogramSource]:
    """A histogram whose stacks are taken."""
    probe = probe_named(name)
    with closing(HistogramSource(HOST, probe, probe.values(values))) as source:
        source.follow()
        yield source


def names_of(batch: HistogramBatch) -> list[tuple[Exemplar, Names]]:
    """Examples with the functions of their stacks, root first; none without a stack."""
    profile, found = stacks_of(batch), []
    for example in batch.exemplars:
        names, node = [], -1 if example.stack is None else example.stack
        while profile and node >= 0:
            names.append(profile.frames[profile.stacks.frame[node]].name)
            node = int(profile.stacks.parent[node])
        found.append((example, tuple(reversed(names))))
    return found


def is_whole(names: Names) -> bool:
    return bool(names) and not names[0].startswith("[cut")


def until(source: HistogramSource, load: Callable[[], object], function: str) -> tuple[Counted, int]:
    """Repeats the load until a whole stack leads there: tables of a new program come after it was first met."""
    counted, rounds, deadline = Counted(), 0, time.monotonic() + PATIENCE_S
    while not any(function in names and is_whole(names) for batch in counted.batches for _, names in names_of(batch)):
        assert time.monotonic() < deadline, f"no stack through {function} in {rounds} rounds"
        load()
        rounds += 1
        time.sleep(source.pause_s)
        counted.batches += [decode(encode(batch)) for batch in source.take()]
    counted.batches += [decode(encode(batch)) for batch in source.finish()]
    return counted, rounds


def test_the_stack_of_a_system_call_is_that_of_who_made_it(build: Build) -> None:
    with waiter(build("events")) as target, watched("syscall_latency", pid=target.pid) as source:
        counted, rounds = until(source, lambda: target.does("call", CALLS), "caller")
    assert is_exact(counted, counted.events[("getppid",)], rounds * CALLS)
    calls = [pair for batch in counted.batches for pair in names_of(batch) if pair[0].labels == ("getppid",)]
    whole = [names for _, names in calls if is_whole(names)]
    assert whole
    assert all("caller" in names for names in whole)
    assert all(names or example.no_stack for example, names in calls)


@pytest.mark.parametrize("probe", ["off_cpu_time", "run_queue_latency"])
def test_a_thread_that_is_back_has_the_stack_that_it_waited_in(build: Build, probe: str) -> None:
    with waiter(build("events")) as target, watched(probe, pid=target.pid) as source:
        counted, _ = until(source, lambda: target.does("futex", WAITS, WAIT_MS), "futex_waiter")
    waits = [names for batch in counted.batches for _, names in names_of(batch) if "futex_waiter" in names]
    assert all(names[-1] in ("__schedule", "schedule") for names in waits)
    if probe == "off_cpu_time":
        pairs = [pair for batch in counted.batches for pair in names_of(batch) if "futex_waiter" in pair[1]]
        assert max(example.value for example, _ in pairs) >= WAIT_MS * 1_000_000


def test_the_stack_of_a_request_is_that_of_who_gave_it_to_the_disk(build: Build, tmp_path: Path) -> None:
    if block_device(tmp_path) is None:
        pytest.skip("temporary files are not on a disk here")
    file = tmp_path / "file"
    file.write_bytes(bytes(READS * 4096))
    subprocess.run(["sync", str(file)], check=True)
    with waiter(build("events")) as target, watched("block_latency", pid=target.pid) as source:
        counted, rounds = until(source, lambda: target.does("read", READS, file), "disk_reader")
    # Whose disk it is may have it forget blocks meanwhile, in the name of whoever runs.
    reads = sum(count for (_, operation), count in counted.events.items() if operation == "read")
    assert is_exact(counted, reads, rounds * READS)


def test_the_stack_of_a_connection_is_that_of_the_python_function_that_asked_for_it() -> None:
    code = f"""{NAMED}
import socket
server = socket.create_server(("127.0.0.1", 0))
def connects_here():
    with socket.create_connection(server.getsockname()): server.accept()[0].close()
name(NAME)
print("ready", flush=True)
for line in sys.stdin: connects_here(), print("done", flush=True)
""".replace("import socket", "import socket, sys")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-S", "-c", code], **pipes) as process:  # type: ignore[call-overload]
        try:
            process.stdout.readline()
            with watched("tcp_connect_latency", pid=process.pid) as source:

                def connects() -> None:
                    process.stdin.write("\n")
                    process.stdin.flush()
                    process.stdout.readline()

                counted, rounds = until(source, connects, "connects_here")
            assert is_exact(counted, counted.events[("connected",)], rounds)
        finally:
            process.kill()


def test_stacks_without_room_are_told_one_by_one(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example_stacks, "RING_BYTES", 4096)
    with waiter(build("events")) as target, watched("syscall_latency", pid=target.pid) as source:
        for _ in range(7):
            target.does("call", CALLS)
        (batch,) = source.finish()
    told = [(example.stack is None, example.no_stack) for example in batch.exemplars]
    assert set(told) == {(False, ""), (True, example_stacks.LOST)}


def test_a_kernel_that_does_not_tell_when_a_thread_is_back_is_named(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Btf, "has_name", lambda *_: False)
    with waiter(build("events")) as target, watched("off_cpu_time", pid=target.pid) as source:
        target.does("futex", WAITS, WAIT_MS)
        (batch,) = source.finish()
    assert batch.events >= WAITS
    assert {example.no_stack for example in batch.exemplars} == {example_stacks.NO_STACK[5]}


def test_where_stacks_can_not_be_walked_events_are_counted_all_the_same(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: object) -> object:
        raise WebprofError("no room for the tables")

    monkeypatch.setattr(shared_walk.SharedWalk, "joined", refused)
    probe = probe_named("syscall_latency")
    with (
        waiter(build("events")) as target,
        closing(HistogramSource(HOST, probe, probe.values({"pid": target.pid}))) as source,
    ):
        target.does("call", CALLS)
        counted = Counted(source.finish())
    assert is_exact(counted, counted.events[("getppid",)], CALLS)
    why = {example.no_stack for example in counted.exemplars}
    assert why == {"stacks can't be walked on this host: no room for the tables"}


def test_histograms_share_one_walk_and_the_last_one_ends_it() -> None:
    shared = shared_walk.SharedWalk(shared_symbolizer())
    with shared.joined() as one, shared.joined() as other:
        assert one is other
    with shared.joined() as later:
        assert later is not one


def test_every_histogram_says_whose_stack_its_examples_have_or_why_none() -> None:
    for probe in all_probes().values():
        if probe.histogram:
            assert bool(probe.histogram.stack) != bool(probe.histogram.no_stack), probe.name
