"""What the kernel's records of mappings come to, record by record."""

import struct

import pytest

from profiler.agent.runtimes.registry import RUNTIME_FILES
from profiler.agent.symbols import mapping_events
from profiler.agent.symbols.mapping_events import MappingEvents

MMAP2, COMM, FORK, EXIT, LOST = 10, 3, 7, 4, 2
EXEC = 1 << 13
SHELL, CHILD = 100, 101


def record(kind: int, pid: int, other: int, body: bytes = b"", misc: int = 0, time: int = 0) -> bytes:
    data = struct.pack("<II", pid, other) + body + struct.pack("<Q", time)
    return struct.pack("<IHH", kind, misc, 8 + len(data)) + data


def mapped(pid: int, path: str, start: int = 0x1000, size: int = 0x1000, time: int = 0) -> bytes:
    name = path.encode() + b"\0"
    body = struct.pack("<QQQIIQQII", start, size, 0, 8, 1, 7, 0, 5, 2) + name + bytes(-len(name) % 8)
    return record(MMAP2, pid, pid, body, time=time)


class Ring:
    """One CPU's, with what the test writes into it."""

    def __init__(self, _cpu: int) -> None:
        self.data = b""
        self.fill = 0.0
        self._seen = 0

    @property
    def empty(self) -> bool:
        return not self.data

    def take(self) -> bytes:
        taken, self.data, self._seen = self.data, b"", 0
        return taken

    def unseen(self) -> bytes:
        new, self._seen = self.data[self._seen :], len(self.data)
        return new

    def close(self) -> None: ...


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> MappingEvents:
    monkeypatch.setattr(mapping_events, "_Ring", Ring)
    return MappingEvents([0, 1], RUNTIME_FILES)


def write(events: MappingEvents, *records: bytes, cpu: int = 0) -> None:
    events._rings[cpu].data += b"".join(records)  # type: ignore[attr-defined]


def paths(events: MappingEvents, pid: int, *, whole: bool = True) -> list[str]:
    maps = events.maps(pid, whole=whole)
    return [mapping.path for mapping in maps.mappings] if maps else []


def test_an_exec_begins_with_nothing_and_is_known_as_a_whole(events: MappingEvents) -> None:
    write(events, mapped(SHELL, "/bin/old"), record(COMM, SHELL, SHELL, b"new\0" * 2, EXEC), mapped(SHELL, "/bin/new"))
    assert events.drain() == {SHELL}
    assert paths(events, SHELL) == ["/bin/new"]


def test_of_a_process_that_began_before_only_what_it_added_is_known(events: MappingEvents) -> None:
    write(events, mapped(SHELL, "/lib/plugin.so"))
    events.drain()
    assert paths(events, SHELL) == []
    assert paths(events, SHELL, whole=False) == ["/lib/plugin.so"]


def test_a_fork_has_what_its_parent_had_until_it_maps_something_itself(events: MappingEvents) -> None:
    write(events, record(COMM, SHELL, SHELL, b"sh\0", EXEC), mapped(SHELL, "/bin/sh"), record(FORK, CHILD, SHELL))
    events.drain()
    assert paths(events, CHILD) == ["/bin/sh"]
    assert not events.mapped_itself(CHILD)
    write(events, mapped(CHILD, "/lib/plugin.so", start=0x9000))
    assert events.drain() == {CHILD}
    assert events.mapped_itself(CHILD)
    assert paths(events, CHILD) == ["/bin/sh", "/lib/plugin.so"]
    assert paths(events, SHELL) == ["/bin/sh"]


def test_threads_and_ends_say_nothing_of_mappings(events: MappingEvents) -> None:
    write(events, record(FORK, SHELL, SHELL), record(EXIT, SHELL, SHELL), record(COMM, SHELL, SHELL, b"thread\0\0"))
    assert events.drain() == set()


def test_a_mapping_takes_the_place_of_those_it_lies_over(events: MappingEvents) -> None:
    write(
        events,
        record(COMM, SHELL, SHELL, b"sh\0", EXEC),
        mapped(SHELL, "/lib/gone.so", start=0x4000, size=0x3000),
        mapped(SHELL, "/lib/beside.so", start=0x8000),
        mapped(SHELL, "/lib/new.so", start=0x2000, size=0x3000),
    )
    events.drain()
    assert paths(events, SHELL) == ["/lib/new.so", "/lib/beside.so"]


def test_records_of_several_cpus_are_read_in_the_order_of_time(events: MappingEvents) -> None:
    write(events, record(COMM, SHELL, SHELL, b"sh\0", EXEC, time=2), cpu=1)
    write(events, mapped(SHELL, "/bin/old", time=1), mapped(SHELL, "/bin/sh", time=3), cpu=0)
    events.drain()
    assert paths(events, SHELL) == ["/bin/sh"]


def test_more_mappings_than_are_kept_make_no_whole(events: MappingEvents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping_events, "MAX_MAPPINGS", 2)
    write(events, record(COMM, SHELL, SHELL, b"sh\0", EXEC))
    write(events, *(mapped(SHELL, f"/lib/{n}.so", start=0x1000 * n) for n in range(1, 4)))
    events.drain()
    assert paths(events, SHELL) == []
    assert len(paths(events, SHELL, whole=False)) == 2


def test_the_processes_that_did_something_longest_ago_are_forgotten(
    events: MappingEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapping_events, "MAX_KEPT", 40)
    for pid in range(SHELL, SHELL + 60):
        write(events, record(COMM, pid, pid, b"sh\0", EXEC), mapped(pid, "/bin/sh"), mapped(pid, "/lib/c.so", 0x9000))
    events.drain()
    assert paths(events, SHELL) == []
    assert paths(events, SHELL + 59) == ["/bin/sh", "/lib/c.so"]
    assert sum(1 + len(process.records) for process in events._processes.values()) <= 40


def test_losses_are_counted_and_broken_records_end_the_reading(events: MappingEvents) -> None:
    write(events, record(LOST, 0, 0, struct.pack("<Q", 17)), struct.pack("<IHHII", MMAP2, 0, 3, 1, 1), b"rest" * 8)
    events.drain()
    assert events.lost == 17


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/usr/bin/python3.11", True),
        ("/opt/lib/libpython3.12.so.1.0", True),
        ("/opt/node/bin/node (deleted)", True),
        ("/usr/lib/jvm/17/lib/server/libjvm.so", True),
        ("/usr/lib/python3/dist-packages/apt_pkg.so", False),
        ("/usr/lib/x86_64-linux-gnu/libc.so.6", False),
        ("/home/python/bin/awk", False),
    ],
)
def test_what_starts_a_runtime_is_urgent_once_and_its_process_is_told(
    events: MappingEvents, path: str, expected: bool
) -> None:
    write(events, mapped(SHELL, "/bin/true"), mapped(CHILD, path))
    assert (events.are_urgent(), events.are_urgent()) == (expected, False)
    assert events.take_newcomers() == set()
    events.drain()
    assert events.take_newcomers() == ({CHILD} if expected else set())
    assert events.take_newcomers() == set()


def test_a_ring_that_fills_up_is_urgent_until_it_is_read(events: MappingEvents) -> None:
    write(events, mapped(SHELL, "/bin/true"))
    events._rings[1].fill = 0.3  # type: ignore[misc]
    assert (events.are_urgent(), events.are_urgent()) == (True, True)


def test_what_a_newcomer_forks_before_it_is_met_or_while_it_is_is_a_newcomer_too(events: MappingEvents) -> None:
    write(events, mapped(SHELL, "/usr/bin/python3"), record(FORK, CHILD, SHELL))
    events.drain()
    assert events.take_newcomers() == {SHELL, CHILD}
    write(events, record(FORK, CHILD + 1, CHILD))
    events.drain()
    assert events.take_newcomers() == {CHILD + 1}
    write(events, record(FORK, CHILD + 2, SHELL))
    events.drain()
    assert events.take_newcomers() == set()
