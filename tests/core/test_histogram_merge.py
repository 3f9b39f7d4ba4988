"""Batches put together have all that was in them."""

from dataclasses import replace

import numpy as np

from profiler.core import histogram_merge
from profiler.core.histogram_batch import Exemplar, HistogramBatch
from profiler.core.histogram_merge import in_steps, joined
from tests.core.test_histogram_batch import BATCH

NS = 10**9


def second(number: int, labels: tuple[tuple[str, str], ...]) -> HistogramBatch:
    counts = np.full((len(labels), 3), 1)
    examples = (Exemplar(at_ns=number, value=number, pid=1, tid=1, comm="a", labels=("vda", "read")),)
    batch = replace(BATCH, labels=labels, counts=counts, sums=(5,) * len(labels), exemplars=examples)
    return replace(batch, start_ns=number * NS, end_ns=(number + 1) * NS)


READ, WRITE = ("vda", "read"), ("vda", "write")


def test_rows_of_the_same_labels_are_one() -> None:
    total = joined([second(1, (READ,)), second(2, (WRITE, READ)), second(3, ())])
    assert total.labels == (READ, WRITE)
    assert total.counts.tolist() == [[2, 2, 2], [1, 1, 1]]
    assert (total.sums, total.lost) == ((10, 5), {"table full": 9})
    assert (total.start_ns, total.end_ns) == (1 * NS, 4 * NS)


def test_of_more_examples_than_are_kept_the_slowest_stay() -> None:
    total = joined([second(number, (READ,)) for number in range(histogram_merge.MAX_EXEMPLARS + 13)])
    values = [one.value for one in total.exemplars]
    assert values == list(range(histogram_merge.MAX_EXEMPLARS + 12, 12, -1))


def test_steps_have_what_falls_into_them() -> None:
    steps = in_steps([second(number, (READ,)) for number in (7, 3, 4, 5)], 2000)
    assert [(one.start_ns // NS, one.events) for one in steps] == [(3, 3), (4, 6), (7, 3)]
