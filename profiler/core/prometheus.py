"""Histograms in Prometheus' text format (its exposition format 0.0.4), named as ebpf_exporter names its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from profiler.core.histogram import Buckets, Counts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NS = 10**9


@dataclass(frozen=True)
class Totals:
    """Of one row: its labels, counts by bucket, and the sum of its values."""

    labels: Mapping[str, str]
    counts: Counts
    sum: int


def histogram_text(name: str, about: str, buckets: Buckets, rows: Sequence[Totals], *, seconds: bool) -> str:
    """With `seconds` values are nanoseconds, told in seconds as Prometheus wants times. A bucket `le` holds what is at
    most its bound: whole numbers below our limit are at most one less.
    """
    metric = f"webprof_{name}_seconds" if seconds else f"webprof_{name}"
    about = about.replace("\\", "\\\\").replace("\n", "\\n")
    lines = [f"# HELP {metric} {about}", f"# TYPE {metric} histogram"]
    for row in rows:
        lines += _row(metric, buckets, row, NS if seconds else 1)
    return "\n".join(lines) + "\n"


def _row(metric: str, buckets: Buckets, row: Totals, unit: int) -> Iterator[str]:
    labels = "".join(f'{_label_name(name)}="{_escaped(value)}",' for name, value in row.labels.items())
    upto = 0
    for count, limit in zip(row.counts.tolist(), buckets.limits, strict=True):
        upto += count
        bound = "+Inf" if limit == float("inf") else repr((limit - 1) / unit)
        yield f'{metric}_bucket{{{labels}le="{bound}"}} {upto}'
    yield f"{metric}_sum{{{labels.rstrip(',')}}} {row.sum / unit!r}"
    yield f"{metric}_count{{{labels.rstrip(',')}}} {upto}"


def _label_name(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name.lower())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
