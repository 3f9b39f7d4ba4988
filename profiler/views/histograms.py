"""Histograms of a host: which there are, and one of them, live."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from profiler import access
from profiler.charts.histogram import PERCENTILES, bucket_texts, figure
from profiler.core.feed_channel import feed_id
from profiler.core.probe import Emits, Histogram, Probe, ProbeError, Values
from profiler.errors import NotFoundError
from profiler.probes.registry import all_probes
from profiler.query.feeds import parameters_now, trouble, watchables
from profiler.query.hosts import HostView, get_host


@require_safe
def histograms(request: HttpRequest, host_id: str) -> HttpResponse:
    host = get_host(request.user, host_id)
    return render(request, "histograms.html", {"host": host, "histograms": watchables(host, Emits.HISTOGRAM)})


@require_safe
def one(request: HttpRequest, host_id: str, histogram: str) -> HttpResponse:
    """The address has the probe's parameters, and, with a dash in their names, what the page shows."""
    host = get_host(request.user, host_id)
    found = all_probes().get(histogram)
    if found is None or found.histogram is None:
        raise NotFoundError(f"there is no histogram of a probe {histogram[:60]!r}")
    given = {name: str(request.GET[name]) for name in request.GET if "-" not in name}
    try:
        values, refusal = found.values_of_text(given), ""
    except ProbeError as error:
        values, refusal = found.values({}), str(error)
    shown = {
        "host": host,
        "probe": found,
        "parameters": parameters_now(found, values),
        "changed": values != found.values({}),
        "refusal": refusal,
        "trouble": trouble(host, found),
        "now": None if refusal else _for_page(request, host, found, found.histogram, values),
    }
    return render(request, "histogram.html", shown, status=422 if refusal else 200)


def _for_page(
    request: HttpRequest, host: HostView, probe: Probe, histogram: Histogram, values: Values
) -> dict[str, Any]:
    """What the page's module needs to know."""
    buckets = histogram.buckets
    return {
        "host": host.id,
        "probe": probe.name,
        "feed": feed_id(probe.name, values),
        "values": {name: int(value) if isinstance(value, bool) else value for name, value in values.items()},
        "shows": histogram.shows,
        "labels": histogram.labels,
        "edges": buckets.edges,
        "linear": buckets.step is not None,
        "texts": bucket_texts(buckets, histogram.shows),
        "percentiles": [[name, share] for name, share, _ in PERCENTILES],
        "figure": figure(buckets, histogram.shows),
        "record": reverse("record") if access.may_operate(request.user) else None,
    }
