"""Records of the ring to times: exact to a tick, with their CPU, none of another epoch."""

import numpy as np
import pytest

from profiler.agent.sampling.events import CPU_BITS, SAMPLE_TIME, TIME_SHIFT
from profiler.agent.sampling.sample_times import Records, SampleTimes
from profiler.core.times import RESOLUTION_NS, Times, TimesBuilder

HASHES = np.array([40, 20, 30], dtype=np.uint64)
COLUMN = np.arange(3, dtype=np.int32)
ROWS = np.column_stack([COLUMN, COLUMN])
YEAR_NS = 365 * 86_400 * 10**9


def records(*samples: tuple[int, int, int]) -> Records:
    """Of time, CPU and key, as bpf/cpu_sample.c packs them."""
    packed = [((time_ns >> TIME_SHIFT) << CPU_BITS | cpu, key) for time_ns, cpu, key in samples]
    return np.array(packed, dtype=SAMPLE_TIME)


def told(began_ns: int, *samples: tuple[int, int, int]) -> tuple[Times, int]:
    times, builder = SampleTimes(), TimesBuilder()
    times.began_ns = began_ns
    times.add(records(*samples))
    left = times.tell(builder, HASHES, COLUMN, COLUMN, 0)
    return builder.build(ROWS, 0), left


def test_each_record_is_a_time_a_stack_and_a_cpu() -> None:
    found, left = told(0, (10**9, 3, 20), (2 * 10**9, 0, 40), (2 * 10**9, 65_535, 20))
    assert (found.row.tolist(), left) == ([1, 0, 1], 0)
    assert found.cpu.tolist() == [3, 0, -1]
    assert (np.abs(found.at_ns - [10**9, 2 * 10**9, 2 * 10**9]) <= RESOLUTION_NS).all()


@pytest.mark.parametrize("years", [1, 30])
def test_a_host_may_be_up_for_decades(years: int) -> None:
    found, _ = told(0, (years * YEAR_NS, 8191, 30))
    assert abs(int(found.at_ns[0]) - years * YEAR_NS) <= RESOLUTION_NS
    assert found.cpu.tolist() == [8191]


def test_a_sample_of_the_same_instant_as_the_epoch_began_is_its_own_and_one_before_is_not() -> None:
    began_ns = 7 * 10**9 + 1234
    found, left = told(began_ns, (began_ns, 0, 20), (began_ns - (2 << TIME_SHIFT), 0, 20), (began_ns + 1, 0, 99))
    assert (len(found), left) == (1, 2)
