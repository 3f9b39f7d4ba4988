"""Figures are what Plotly's own schema allows, and axes say what buckets hold."""

import plotly.graph_objects as go
import pytest

from profiler.charts.histogram import PERCENTILES, bucket_texts, figure, value_text
from profiler.core.histogram import Buckets
from profiler.core.probe import Shows


@pytest.mark.parametrize("buckets", [Buckets(40), Buckets(20, step=100), Buckets(1)])
@pytest.mark.parametrize("shows", [Shows.DURATION, Shows.BYTES, Shows.NUMBER])
def test_a_figure_is_valid_for_plotly(buckets: Buckets, shows: Shows) -> None:
    made = figure(buckets, shows)
    checked = go.Figure(made)  # refuses what its schema does not have
    assert [trace.type for trace in checked.data] == ["heatmap"] + ["scatter"] * len(PERCENTILES)
    assert len(made["layout"]["yaxis"]["tickvals"]) == len(made["layout"]["yaxis"]["ticktext"]) >= 1


def test_buckets_are_named_by_the_least_that_they_hold() -> None:
    assert bucket_texts(Buckets(12), Shows.DURATION)[::5] == ["0 ns", "32 ns", "1 µs"]
    assert value_text(4096, Shows.DURATION) == "4.1 µs"
    assert value_text(2**40, Shows.DURATION) == "1100 s"
    assert value_text(2**20, Shows.BYTES) == "1 MiB"
    assert value_text(300, Shows.NUMBER) == "300"
