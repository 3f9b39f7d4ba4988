"""Seconds of counters, and the longer steps that are made of them."""

import numpy as np

from profiler.core.counter_batch import CounterBatch
from profiler.core.counter_block import Block, decode, encode, merged, rolled, seconds
from profiler.core.counters import Row

SECOND = 1_000_000_000
NAN = float("nan")


def batch(*rows: tuple[float, float, dict[str, float]]) -> CounterBatch:
    return CounterBatch.of("web-1", [Row(int(at * SECOND), int(span * SECOND), values) for at, span, values in rows])


def column(block: Block, name: str) -> list[float]:
    return [float(value) for value in block.values[block.names.index(name)]]


def test_a_row_is_the_second_before_it_as_a_rate() -> None:
    found = seconds([batch((101, 1, {"vm.faults": 7, "load.1": 2}), (102.02, 1.02, {"vm.faults": 102}))], 100, 104)
    np.testing.assert_allclose(column(found, "vm.faults"), [7, 100, NAN, NAN])
    np.testing.assert_allclose(column(found, "load.1"), [2, NAN, NAN, NAN])


def test_a_late_row_is_the_mean_of_the_seconds_it_covers_and_none_is_counted_twice() -> None:
    found = seconds(
        [batch((101, 1, {"vm.faults": 1}), (103.7, 2.7, {"vm.faults": 27}), (105, 1.3, {"vm.faults": 13}))], 100, 106
    )
    np.testing.assert_allclose(column(found, "vm.faults"), [1, 10, 10, 10, 10, NAN])


def test_what_lies_outside_is_left_out() -> None:
    found = seconds(
        [batch((100, 1, {"vm.faults": 1}), (102, 3, {"vm.faults": 9}), (200, 1, {"vm.faults": 5}))], 100, 102
    )
    np.testing.assert_allclose(column(found, "vm.faults"), [3, 3])
    assert seconds([batch((50, 1, {"vm.faults": 1}))], 100, 102).names == ()


def test_blocks_become_one_with_the_gaps_of_both() -> None:
    one = Block(100, 1, ("load.1", "vm.faults"), np.array([[1, NAN], [3, 4]], np.float32))
    two = Block(101, 1, ("load.1", "sched.forks"), np.array([[7, 8], [5, 6]], np.float32))
    found = merged([one, two], 99, 103, 1)
    assert found.names == ("load.1", "sched.forks", "vm.faults")
    expected = np.array([[NAN, 1, 7, 8], [NAN, NAN, 5, 6], [NAN, 3, 4, NAN]])
    np.testing.assert_allclose(found.values, expected)
    np.testing.assert_allclose(merged([one], 101, 102, 1).values, np.array([[4]]))
    assert merged([two], 0, 10, 1).names == ()


def test_longer_steps_are_means_of_what_is_known() -> None:
    block = Block(60, 1, ("load.1",), np.array([[1, 2, NAN, NAN, NAN, 5]], np.float32))
    np.testing.assert_allclose(rolled(block, 2).values, [[1.5, NAN, 5]])
    assert (rolled(block, 3).begin_s, rolled(block, 3).step_s) == (60, 3)


def test_a_block_is_kept_as_it_is() -> None:
    block = Block(60, 10, ("load.1", "disk.reads:vda"), np.array([[1, NAN], [3.25, 4]], np.float32))
    again = decode(encode(block), 60, 10)
    assert (again.names, again.begin_s, again.step_s) == (block.names, 60, 10)
    np.testing.assert_array_equal(again.values, block.values)
