"""Steps of pictures are round, and none is empty between profiles that follow each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core.steps import MAX_STEPS, STEPS_MS, step_for, step_of_profiles


@given(st.integers(1, 400 * 86_400_000))
def test_a_range_has_at_most_max_steps(range_ms: int) -> None:
    assert range_ms <= step_for(range_ms) * MAX_STEPS


@pytest.mark.parametrize(
    ("step_s", "length_s", "shown_s"),
    [(30, 10, 30), (30, 60, 60), (5, 60, 60), (30, 45, 60), (10, 10.4, 10), (600, 60, 600), (10, 0, 10)],
)
def test_a_profile_fills_a_bar(step_s: int, length_s: float, shown_s: int) -> None:
    assert step_of_profiles(step_s * 1000, int(length_s * 1000)) == shown_s * 1000


@given(st.sampled_from(STEPS_MS), st.integers(0, 10**9))
def test_coarser_steps_are_whole_finer_ones(step_ms: int, length_ms: int) -> None:
    assert step_of_profiles(step_ms, length_ms) % step_ms == 0
