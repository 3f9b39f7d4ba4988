"""Figures of what programs say are what Plotly's own schema allows."""

import plotly.graph_objects as go

from profiler.charts.program import DASHES, figures


def test_each_figure_is_valid_for_plotly() -> None:
    kinds = {name: [trace.type for trace in go.Figure(figure).data] for name, figure in figures().items()}
    assert kinds == {"bars": ["bar"], "lines": ["scatter"] * len(DASHES), "heat": ["heatmap"] + ["scatter"] * 3}
