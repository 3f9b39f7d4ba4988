"""The text that Prometheus reads."""

import numpy as np

from profiler.core.histogram import Buckets
from profiler.core.prometheus import Totals, histogram_text


def test_buckets_are_cumulative_and_times_are_seconds() -> None:
    row = Totals({"host": "web-1", "file system": 'a"b\\c\nd'}, np.array([1, 0, 2, 4]), 1_500_000_000)
    text = histogram_text("file_latency", "One\nline.", Buckets(4), [row], seconds=True)
    labels = 'host="web-1",file_system="a\\"b\\\\c\\nd"'
    assert text.splitlines() == [
        "# HELP webprof_file_latency_seconds One\\nline.",
        "# TYPE webprof_file_latency_seconds histogram",
        f'webprof_file_latency_seconds_bucket{{{labels},le="1e-09"}} 1',
        f'webprof_file_latency_seconds_bucket{{{labels},le="3e-09"}} 1',
        f'webprof_file_latency_seconds_bucket{{{labels},le="7e-09"}} 3',
        f'webprof_file_latency_seconds_bucket{{{labels},le="+Inf"}} 7',
        f"webprof_file_latency_seconds_sum{{{labels}}} 1.5",
        f"webprof_file_latency_seconds_count{{{labels}}} 7",
    ]


def test_other_values_are_as_they_were_counted() -> None:
    text = histogram_text("sizes", "", Buckets(2, step=10), [Totals({}, np.array([1, 1]), 30)], seconds=False)
    assert text.splitlines()[2:] == [
        'webprof_sizes_bucket{le="9.0"} 1',
        'webprof_sizes_bucket{le="+Inf"} 2',
        "webprof_sizes_sum{} 30.0",
        "webprof_sizes_count{} 2",
    ]
