"""Rows in a fixed array: what is in use stays, what is not gives way."""

import os
from collections.abc import Iterator

import numpy as np
import pytest

from profiler.agent.unwind.mapped_array import MappedArray
from profiler.agent.unwind.row_store import RowStore, Run
from profiler.agent.unwind.rows import ROW_BYTES, Rows

ENTRIES = 10_000


def rows(count: int, value: int) -> Rows:
    return np.full(count, value, dtype=np.uint64)


@pytest.fixture
def memory() -> Iterator[int]:
    """In place of a BPF array: a descriptor that can be mapped just like one."""
    descriptor = os.memfd_create("rows")
    os.truncate(descriptor, ENTRIES * ROW_BYTES)
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def store(memory: int) -> RowStore:
    return RowStore(MappedArray(memory, ROW_BYTES, ENTRIES))


def stored(memory: int, run: Run) -> Rows:
    return np.frombuffer(os.pread(memory, run.length * ROW_BYTES, run.first * ROW_BYTES), dtype=np.uint64)


def test_rows_are_written_where_their_run_says(store: RowStore, memory: int) -> None:
    runs = [store.place(str(value), rows(700 + value, value)) for value in range(1, 10)]
    for value, run in enumerate(runs, start=1):
        assert run is not None
        assert store.find(str(value)) == run
        assert (stored(memory, run) == rows(700 + value, value)).all()


def test_rows_that_are_not_in_use_give_way_and_those_in_use_stay_as_they_are(store: RowStore, memory: int) -> None:
    used, unused = store.place("used", rows(6000, 1)), store.place("unused", rows(3000, 2))
    assert used is not None
    assert unused is not None
    assert store.place("new", rows(3500, 3)) is None
    store.release(3500, {"used"})
    new = store.place("new", rows(3500, 3))
    assert new is not None
    assert store.find("unused") is None
    assert (stored(memory, used) == 1).all()
    assert (stored(memory, new) == 3).all()


def test_the_least_recently_asked_for_goes_first_and_no_more_than_needed(store: RowStore) -> None:
    for key in ("a", "b", "c"):
        store.place(key, rows(3000, 1))
    store.find("a")
    store.release(3000, ())
    assert [key for key in ("a", "b", "c") if store.find(key)] == ["a", "c"]


def test_rows_that_never_fit_are_told_apart(store: RowStore) -> None:
    assert store.could_hold(rows(ENTRIES, 1))
    assert not store.could_hold(rows(ENTRIES + 1, 1))


def test_a_file_without_rows_takes_no_room(store: RowStore) -> None:
    assert store.place("empty", rows(0, 1)) == Run(0, 0)
    assert store.free_share == 1
