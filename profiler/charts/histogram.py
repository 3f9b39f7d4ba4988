"""The latency heat map of a histogram with its percentiles as lines, and bars of a part of its time. The page fills in
what was counted.

The axis of values is of buckets: 3.5 is the middle of the fourth. So rows are equally high, however wide their buckets.
"""

from typing import Any

from profiler.core.histogram import Buckets
from profiler.core.probe import Shows

Figure = dict[str, Any]
#: Name, share, and the line's dash: lines differ by more than their colour.
PERCENTILES = (("p50", 0.5, "solid"), ("p90", 0.9, "dash"), ("p99", 0.99, "dot"))
_TICKS = 12
_UNITS = {Shows.DURATION: ((1, "ns"), (1000, "µs"), (10**6, "ms"), (10**9, "s"))}
_BYTES = ((1, "B"), (2**10, "KiB"), (2**20, "MiB"), (2**30, "GiB"))


def bucket_texts(buckets: Buckets, shows: Shows) -> list[str]:
    """The least value of each bucket, as axes have it."""
    return [value_text(edge, shows) for edge in buckets.edges]


def value_text(value: int, shows: Shows) -> str:
    """`4.1 µs` of 4096 ns: two digits are what a bucket is worth."""
    units = _BYTES if shows is Shows.BYTES else _UNITS.get(shows, ((1, ""),))
    size, unit = next((one for one in reversed(units) if value >= one[0]), units[0])
    number = value / size
    text = f"{number:.2g}" if number < 10 else f"{number:.0f}"
    return f"{text} {unit}".rstrip()


def figure(buckets: Buckets, shows: Shows) -> Figure:
    """Traces: the heat map, then one line of each of PERCENTILES. Colours are the page's, which knows the theme."""
    heat = {
        "type": "heatmap",
        "name": "events",
        "showlegend": False,
        "hoverinfo": "text",
        "showscale": False,
        "xgap": 0,
        "ygap": 1,
    }
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "connectgaps": False,
            "hoverinfo": "skip",
            "line": {"width": 2, "dash": dash, "shape": "hvh"},
        }
        for name, _, dash in PERCENTILES
    ]
    return {"data": [heat, *lines], "layout": _layout(buckets, shows)}


def distribution(buckets: Buckets, shows: Shows) -> Figure:
    """One trace: a bar for each bucket, as wide as its place on the axis."""
    bars = {"type": "bar", "width": 0.92, "hoverinfo": "text", "showlegend": False}
    layout = {
        "margin": {"l": 56, "r": 12, "t": 8, "b": 40},
        "hovermode": "closest",
        "dragmode": False,
        "xaxis": _bucket_axis(buckets, shows),
        "yaxis": {"rangemode": "tozero"},
    }
    return {"data": [bars], "layout": layout}


def _bucket_axis(buckets: Buckets, shows: Shows) -> Figure:
    texts = bucket_texts(buckets, shows)
    shown = range(0, len(texts), max(1, round(len(texts) / _TICKS)))
    return {"tickmode": "array", "tickvals": list(shown), "ticktext": [texts[i] for i in shown]}


def _layout(buckets: Buckets, shows: Shows) -> Figure:
    return {
        "margin": {"l": 64, "r": 16, "t": 8, "b": 48},
        "hovermode": "closest",
        "dragmode": False,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
        "xaxis": {"type": "date"},
        "yaxis": _bucket_axis(buckets, shows),
    }
