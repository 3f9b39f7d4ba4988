"""What is parsed first, and what is told of it. The worker is real."""

import threading
import time
from collections.abc import Iterator

import pytest

from profiler.agent.unwind import parse_queue
from profiler.agent.unwind.elf import SectionPlace
from profiler.agent.unwind.mappings import Backing
from profiler.agent.unwind.parse_queue import Parsed, ParseQueue
from profiler.agent.unwind.rows import Rows
from tests.agent.unwind.test_eh_frame import BASH, section_of


class Results:
    """Collects results as they come."""

    def __init__(self) -> None:
        self._came = threading.Condition()
        self.kept: dict[str, Rows] = {}
        self.queue = ParseQueue(self._wake, self._keep)

    def wait_until_kept(self, key: str) -> Rows:
        with self._came:
            assert self._came.wait_for(lambda: key in self.kept, 30)
        return self.kept[key]

    def wait_for(self, number: int) -> list[Parsed]:
        found: list[Parsed] = []
        deadline = time.monotonic() + 30
        with self._came:
            while len(found) < number:
                found += self.queue.results()
                if len(found) < number:
                    assert self._came.wait(deadline - time.monotonic())
        return found

    def _keep(self, key: str, rows: Rows) -> None:
        with self._came:
            self.kept[key] = rows
            self._came.notify()

    def _wake(self) -> None:
        with self._came:
            self._came.notify()


@pytest.fixture
def results() -> Iterator[Results]:
    made = Results()
    yield made
    made.queue.close()


def add(queue: ParseQueue, key: str, data: bytes, pid: int | None) -> bool:
    return queue.add(key, SectionPlace(0, 0, len(data), 0), Backing(data, -1), pid)


def test_what_most_sampled_processes_wait_for_and_what_is_small_comes_first(results: Results) -> None:
    queue = results.queue
    add(queue, "running while the others queue up", section_of(BASH).data, 1)
    add(queue, "nobody samples it", bytes(10), None)
    add(queue, "big", bytes(4000), 1)
    add(queue, "small", bytes(1000), 1)
    add(queue, "big but shared", bytes(4000), 1)
    for pid in range(2, 10):
        assert queue.knows("big but shared", pid)
    assert not queue.knows("unheard of", 1)
    order = [parsed.key for parsed in results.wait_for(5)]
    assert order == ["running while the others queue up", "big but shared", "small", "big", "nobody samples it"]
    assert queue.idle


def test_a_full_queue_refuses(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_queue, "MAX_WAITING", 0)
    assert not add(results.queue, "a", b"", 1)


def test_a_worker_without_work_ends_and_another_one_takes_its_place(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parse_queue, "IDLE_S", 0.05)
    add(results.queue, "a", section_of(BASH).data, 1)
    assert results.wait_for(1)[0].rows is not None
    deadline = time.monotonic() + 10
    while results.queue._worker._process is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    add(results.queue, "b", section_of(BASH).data, 1)
    assert results.wait_for(1)[0].rows is not None


def test_what_is_being_parsed_at_the_end_is_still_kept(results: Results) -> None:
    add(results.queue, "a", section_of(BASH).data, 1)
    while results.queue.idle or results.queue._jobs:  # until its turn has come
        time.sleep(0.001)
    results.queue.close()
    results.wait_until_kept("a")
