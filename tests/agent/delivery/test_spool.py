"""The spool: order, restarts, bounds, full and damaged disks."""

from pathlib import Path

import pytest

from profiler.agent.delivery.outcome import Outcome
from profiler.agent.delivery.spool import CONTINUOUS, Limits, Spool
from profiler.core.channel import RunReport, RunState


def outcome(number: int, batch: bytes | None = b"x" * 100) -> Outcome:
    run = f"00000000-0000-0000-0000-{number:012d}"
    return Outcome(RunReport(run=run, host="web-1", state=RunState.DONE, at_ns=number), batch)


def report(done: Outcome) -> RunReport:
    assert done.report is not None
    return done.report


def few(nbytes: int = 10**6, entries: int = 1000, memory: int = 10**6, free: int = 0) -> Limits:
    return Limits(nbytes, entries, memory, free)


def drain(spool: Spool) -> list[Outcome]:
    taken = []
    while (waiting := spool.oldest()) is not None:
        entry, kept = waiting
        taken.append(kept)
        spool.remove(entry)
    return taken


def test_outcomes_leave_in_the_order_they_came(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for number in range(20):
        spool.put(outcome(number, None if number % 3 else b"profile"))
    assert drain(spool) == [outcome(number, None if number % 3 else b"profile") for number in range(20)]
    assert list(tmp_path.iterdir()) == []


def test_a_new_spool_finds_what_the_one_before_left(tmp_path: Path) -> None:
    before = Spool(tmp_path)
    for number in range(3):
        before.put(outcome(number))
    after = Spool(tmp_path)
    assert after.filled.is_set()
    after.put(outcome(3))
    assert drain(after) == [outcome(number) for number in range(4)]


def test_an_outcome_stays_until_it_is_removed(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.put(outcome(1))
    assert spool.oldest() == spool.oldest()
    assert len(Spool(tmp_path)) == 1


def test_a_half_written_file_is_not_an_outcome(tmp_path: Path) -> None:
    (tmp_path / "00000000000000000001.profile.partial").write_bytes(outcome(1).pack()[:50])
    assert len(Spool(tmp_path)) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_dropped_counted_and_blocks_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.put(outcome(1))
    spool.put(outcome(2))
    next(iter(sorted(tmp_path.iterdir()))).write_bytes(b"\x93not an outcome")
    assert drain(spool) == [outcome(2)]
    assert spool.dropped == 1


def test_the_oldest_profile_makes_room_and_its_run_fails_with_the_reason(tmp_path: Path) -> None:
    spool = Spool(tmp_path, few(nbytes=2500))
    spool.put(outcome(0, None))
    for number in range(1, 4):
        spool.put(outcome(number, b"x" * 1000))
    assert spool.dropped == 2
    kept = drain(spool)
    assert [report(done).state for done in kept] == [RunState.DONE, RunState.FAILED, RunState.FAILED, RunState.DONE]
    assert [report(done).run[-1] for done in kept] == ["0", "1", "2", "3"]
    assert "1000 bytes dropped" in report(kept[1]).message
    assert "2500" in report(kept[1]).message


def test_the_directory_never_holds_more_than_its_limit(tmp_path: Path) -> None:
    spool = Spool(tmp_path, few(nbytes=5000))
    for number in range(50):
        spool.put(outcome(number, b"x" * (number * 37 % 1500)))
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 5000


def test_the_number_of_entries_is_bounded_too(tmp_path: Path) -> None:
    spool = Spool(tmp_path, few(entries=5))
    for number in range(8):
        spool.put(outcome(number, None))
    assert [report(done).at_ns for done in drain(spool)] == [3, 4, 5, 6, 7]
    assert spool.dropped == 3


def test_an_outcome_that_the_disk_refuses_is_kept_in_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    directory = tmp_path / "spool"
    spool = Spool(directory)
    spool.put(outcome(1))
    directory.rename(tmp_path / "gone")
    spool.put(outcome(2))
    assert "stays in memory" in caplog.text
    (tmp_path / "gone").rename(directory)
    spool.put(outcome(3))
    assert drain(spool) == [outcome(1), outcome(2), outcome(3)]


def continuous(number: int, size: int = 100) -> Outcome:
    return Outcome(None, number.to_bytes(8, "big") + bytes(size - 8))


def numbers(outcomes: list[Outcome]) -> list[int]:
    return [int.from_bytes((one.batch or b"")[:8], "big") for one in outcomes]


def test_profiles_of_no_run_leave_in_order_after_a_restart(tmp_path: Path) -> None:
    before = Spool(tmp_path, CONTINUOUS)
    for number in range(30):
        before.put(continuous(number))
    after = Spool(tmp_path, CONTINUOUS)
    assert after.bytes == before.bytes == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert numbers(drain(after)) == list(range(30))
    assert (after.bytes, after.dropped) == (0, 0)


def test_a_day_of_ten_second_profiles_fits() -> None:
    assert CONTINUOUS.entries > 24 * 3600 // 10
    assert CONTINUOUS.bytes // (24 * 3600 // 10) > 100_000


def test_over_its_limits_the_oldest_profiles_go_are_counted_and_leave_no_report(tmp_path: Path) -> None:
    spool = Spool(tmp_path, few(nbytes=1300))
    for number in range(25):
        spool.put(continuous(number))
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) == spool.bytes <= 1300
    kept = drain(spool)
    assert numbers(kept) == list(range(25 - len(kept), 25))
    assert len(kept) + spool.dropped == 25
    assert spool.dropped > 0


def test_a_disk_that_is_nearly_full_is_left_to_others(tmp_path: Path) -> None:
    spool = Spool(tmp_path, few(memory=0))
    for number in range(3):
        spool.put(continuous(number))
    crowded = Spool(tmp_path, few(memory=300, free=2**62))
    for number in range(3, 8):
        crowded.put(continuous(number))
    assert list(tmp_path.iterdir()) == []
    assert numbers(drain(crowded)) == [3, 4], "what fits into memory is on its way"
    assert crowded.dropped == 3 + 3


def test_what_neither_disk_nor_memory_takes_is_counted(tmp_path: Path) -> None:
    directory = tmp_path / "spool"
    spool = Spool(directory, few(memory=150))
    directory.rename(tmp_path / "gone")
    for number in range(4):
        spool.put(continuous(number))
    assert (len(spool), spool.dropped) == (1, 3)
    assert numbers(drain(spool)) == [0]
