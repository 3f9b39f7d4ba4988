"""The allocator against a model: a set of used entries."""

from hypothesis import given
from hypothesis import strategies as st

from profiler.agent.unwind.ranges import RangeAllocator

SIZE = 64


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 20)), max_size=60))
def test_runs_never_overlap_and_what_is_released_can_be_used_again(steps: list[tuple[bool, int]]) -> None:
    allocator = RangeAllocator(SIZE)
    runs: list[tuple[int, int]] = []
    for is_allocation, number in steps:
        if is_allocation:
            first = allocator.allocate(number)
            if first is not None:
                runs.append((first, number))
        elif runs:
            allocator.release(*runs.pop(number % len(runs)))
        used = [entry for first, length in runs for entry in range(first, first + length)]
        assert len(used) == len(set(used))
        assert all(0 <= entry < SIZE for entry in used)
        assert allocator.free_entries == SIZE - len(used)
    for run in runs:
        allocator.release(*run)
    assert allocator.longest == SIZE


def test_no_run_is_given_when_only_pieces_are_free() -> None:
    allocator = RangeAllocator(3)
    first = allocator.allocate(1)
    allocator.allocate(1)
    last = allocator.allocate(1)
    assert first is not None
    assert last is not None
    allocator.release(first, 1)
    allocator.release(last, 1)
    assert allocator.allocate(2) is None
    assert allocator.free_entries == 2
