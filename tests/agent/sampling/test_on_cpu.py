"""Time on a CPU keeps its sum by thread, and goes where samples were."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiler.agent.sampling.on_cpu import shared_by_samples
from profiler.agent.sampling.sampled_profile import Rows
from profiler.agent.sampling.stack_book import SampledStack
from profiler.agent.sampling.stack_namer import NamedStack
from profiler.agent.sampling.wait_names import WaitState
from profiler.core.frame import Thread

STATES = st.sampled_from([WaitState.SLEEP, WaitState.ON_CPU, WaitState.ON_CPU_REST])
TAKEN = st.lists(st.tuples(st.integers(0, 2), STATES, st.integers(0, 10**12), st.integers(1, 1000)), max_size=12)


def shared(taken: list[tuple[int, WaitState, int, int]]) -> list[int]:
    """Values of rows of thread, state, value and events."""
    sampled = [SampledStack(NamedStack(b"", ""), thread, "") for thread, _, _, _ in taken]
    columns = [np.array([row[column] for row in taken], dtype=np.int64) for column in (2, 3)]
    rows = Rows(sampled, columns[0], columns[1], (Thread(),) * 3)
    found: list[int] = shared_by_samples(rows, np.array([row[1] for row in taken], dtype=np.uint64)).value.tolist()
    return found


@given(TAKEN)
def test_each_thread_keeps_its_time(taken: list[tuple[int, WaitState, int, int]]) -> None:
    found = shared(taken)
    for thread in range(3):
        of_thread = [place for place, row in enumerate(taken) if row[0] == thread]
        assert sum(found[place] for place in of_thread) == sum(taken[place][2] for place in of_thread)
    waits = [place for place, row in enumerate(taken) if row[1] == WaitState.SLEEP]
    assert [found[place] for place in waits] == [taken[place][2] for place in waits]


def test_the_rest_goes_to_stacks_by_their_samples_and_stays_where_there_were_none() -> None:
    cpu, rest = WaitState.ON_CPU, WaitState.ON_CPU_REST
    assert shared([(0, cpu, 100, 3), (0, cpu, 0, 1), (0, rest, 300, 50), (1, rest, 7, 2)]) == [300, 100, 0, 7]
