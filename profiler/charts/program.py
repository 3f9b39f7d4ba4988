"""Charts of what a bpftrace program says: a histogram as bars, several prints of it as a heat map, numbers as lines.

The page fills in what was counted, and what it alone knows: buckets, keys, colours.
"""

from profiler.charts.histogram import Figure
from profiler.charts.histogram import figure as heat_map
from profiler.core.histogram import Buckets
from profiler.core.probe import Shows

#: Dashes tell lines of one colour apart, and those of people who see few colours.
DASHES = ("solid", "dash", "dot", "dashdot")
_MARGIN = {"l": 64, "r": 16, "t": 8, "b": 32}
_SECONDS = {"type": "linear", "ticksuffix": " s", "rangemode": "tozero"}


def bars() -> Figure:
    """One trace. Buckets are equally wide, whatever they hold, and named below."""
    layout = {"margin": _MARGIN, "dragmode": False, "bargap": 0.05, "showlegend": False}
    axes = {"xaxis": {"type": "category", "automargin": True}, "yaxis": {"rangemode": "tozero", "tickformat": ",d"}}
    return {"data": [{"type": "bar", "hoverinfo": "text", "textposition": "none"}], "layout": layout | axes}


def lines() -> Figure:
    """One trace for each of DASHES, of which the page takes as many as it needs. Time: seconds after the beginning."""
    data = [{"type": "scatter", "mode": "lines", "line": {"width": 2, "dash": dash}} for dash in DASHES]
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    layout = {"margin": _MARGIN, "dragmode": False, "hovermode": "x unified", "legend": legend}
    return {"data": data, "layout": layout | {"xaxis": _SECONDS, "yaxis": {"rangemode": "tozero"}}}


def heat() -> Figure:
    """As a probe's histogram, but with seconds after the beginning; the page names the buckets."""
    made = heat_map(Buckets(1), Shows.NUMBER)
    # Names of buckets may be long.
    axes = {"xaxis": _SECONDS, "yaxis": made["layout"]["yaxis"] | {"automargin": True}}
    return {**made, "layout": made["layout"] | axes | {"margin": _MARGIN}}


def figures() -> dict[str, Figure]:
    """By the page's names for them."""
    return {"bars": bars(), "lines": lines(), "heat": heat()}
