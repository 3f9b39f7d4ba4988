"""Buckets hold every value once, sums of histograms are histograms of sums, a percentile's bounds hold the truth."""

from math import ceil, inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.core.histogram import MAX_BUCKETS, Buckets, merged, percentile

SCALES = st.builds(Buckets, st.integers(1, MAX_BUCKETS), st.none() | st.integers(1, 10**6))
VALUES = st.lists(st.integers(0, 2**62), min_size=1, max_size=200)
SHARES = st.sampled_from([0.001, 0.5, 0.9, 0.99, 0.999, 1.0])


def counted(buckets: Buckets, values: list[int]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.bincount([buckets.index(value) for value in values], minlength=buckets.count).astype(np.int64)


@given(SCALES, st.integers(0, 2**62))
def test_a_value_is_in_the_bucket_whose_edges_hold_it(buckets: Buckets, value: int) -> None:
    found = buckets.index(value)
    assert buckets.edges[found] <= value
    assert value < buckets.limits[found]


@given(SCALES)
def test_buckets_touch(buckets: Buckets) -> None:
    assert buckets.edges[0] == 0
    assert buckets.limits[:-1] == list(map(float, buckets.edges[1:]))
    assert buckets.limits[-1] == inf


@given(SCALES, VALUES, SHARES)
def test_a_percentile_lies_between_its_bounds(buckets: Buckets, values: list[int], share: float) -> None:
    found = percentile(counted(buckets, values), buckets, share)
    assert found is not None
    true = sorted(values)[ceil(round(share * len(values), 6)) - 1]
    assert found.low <= true < found.high
    assert found.low <= found.value <= found.high


@given(SCALES, VALUES, VALUES)
def test_a_sum_of_histograms_is_the_histogram_of_all_values(buckets: Buckets, some: list[int], more: list[int]) -> None:
    rows = np.stack([counted(buckets, some), counted(buckets, more)])
    assert merged(rows).tolist() == counted(buckets, some + more).tolist()


@given(SCALES, VALUES)
def test_percentiles_never_fall(buckets: Buckets, values: list[int]) -> None:
    found = [percentile(counted(buckets, values), buckets, share) for share in (0.5, 0.9, 0.99, 0.999)]
    places = [one.value for one in found if one is not None]
    assert places == sorted(places)
    assert len(places) == 4


def test_known_percentiles() -> None:
    buckets = Buckets(8)
    counts = np.array([0, 0, 97, 0, 0, 3, 0, 0])
    middle, tail = percentile(counts, buckets, 0.97), percentile(counts, buckets, 0.98)
    assert middle is not None
    assert tail is not None
    assert (middle.low, middle.high) == (4, 8)
    assert (tail.low, tail.high) == (32, 64)
    assert percentile(np.array([0, 0, 0, 0, 0, 0, 0, 5]), buckets, 0.5) == (128, 128, inf)
    assert percentile(np.array([2, 2]), Buckets(2, step=10), 0.25) == (0, 2.5, 10)


def test_nothing_has_no_percentile() -> None:
    assert percentile(np.zeros(4, dtype=np.int64), Buckets(4), 0.5) is None


@pytest.mark.parametrize("share", [0, -0.5, 1.01])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=str(share)):
        percentile(np.ones(4, dtype=np.int64), Buckets(4), share)


@pytest.mark.parametrize(("count", "step"), [(0, None), (MAX_BUCKETS + 1, None), (4, 0), (4, -1)])
def test_buckets_that_are_none_are_refused(count: int, step: int | None) -> None:
    with pytest.raises(ValueError, match="buckets"):
        Buckets(count, step)
