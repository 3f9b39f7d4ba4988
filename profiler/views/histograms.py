"""Histograms of a host: which there are, and one of them, live or as it was kept."""

import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from profiler import access
from profiler.api.responses import WIRE_TYPE
from profiler.charts.histogram import PERCENTILES, bucket_texts, figure
from profiler.core.feed_channel import feed_id
from profiler.core.histogram_stacks import Chosen, Found
from profiler.core.histogram_wire import message
from profiler.core.probe import Emits, Histogram, Probe, ProbeError, Values
from profiler.errors import InvalidError, NotFoundError
from profiler.probes.registry import all_probes
from profiler.query.feeds import parameters_now, trouble, watchables
from profiler.query.histogram_examples import asked_cells, examples_tree, rows
from profiler.query.histogram_examples import examples as find_examples
from profiler.query.histograms import Kept, asked_range, kept_batches, watched
from profiler.query.hosts import HostView, get_host
from profiler.query.tree import asked_group, asked_stacks

OF_GRAPH = frozenset(
    {
        "at", "base", "change", "color", "detail", "do", "find", "fn", "group", "heat", "lane", "pin", "q", "ran",
        "show", "sort", "stacks", "time", "view", "zoom",
    }
)  # fmt: skip


@require_safe
def histograms(request: HttpRequest, host_id: str) -> HttpResponse:
    host = get_host(request.user, host_id)
    return render(request, "histograms.html", {"host": host, "histograms": watchables(host, Emits.HISTOGRAM)})


@require_safe
def one(request: HttpRequest, host_id: str, histogram: str) -> HttpResponse:
    """The address has the probe's parameters, and, with a dash in their names, what the page shows: of what was kept,
    `kept-from` and `kept-to`.
    """
    host = get_host(request.user, host_id)
    found, shape = _histogram(histogram)
    refusal, part = "", None
    values = found.values({})
    try:
        values = _values(request, found)
        part = _part(request)
    except (ProbeError, InvalidError) as error:
        refusal = str(error)
    shown = {
        "host": host,
        "probe": found,
        "parameters": parameters_now(found, values),
        "changed": values != found.values({}),
        "refusal": refusal,
        "trouble": trouble(host, found),
        "part": part,
        "watched": watched(host.id, feed_id(found.name, values)),
        "query": _query(values, found),
        "now": None if refusal else _for_page(request, host, found, shape, values) | _stored(request, part),
    }
    return render(request, "histogram.html", shown, status=422 if refusal else 200)


@require_safe
def kept(request: HttpRequest, host_id: str, histogram: str) -> HttpResponse:
    """What was counted in a part of the time, as JSON: `batches` as the socket sends them."""
    host = get_host(request.user, host_id)
    found, _ = _histogram(histogram)
    try:
        values = _values(request, found)
    except ProbeError as error:
        raise InvalidError(str(error)) from None
    part = _part(request)
    if part is None:
        raise InvalidError("kept-from and kept-to are missing: whole Unix seconds")
    batches = kept_batches(host.id, feed_id(found.name, values), part)
    return JsonResponse({"batches": [json.loads(message(batch, {})) for batch in batches]})


@require_safe
def examples(request: HttpRequest, host_id: str, histogram: str) -> HttpResponse:
    """The examples of chosen cells, as JSON: the slowest, how many there are, and why some have no stack."""
    _, _, found, _ = _chosen(request, host_id, histogram)
    told = {
        "kept": found.kept,
        "chosen": len(found.examples),
        "without_stack": found.without_stack,
        "rows": rows(found),
    }
    return JsonResponse(told)


@require_safe
def examples_graph(request: HttpRequest, host_id: str, histogram: str) -> HttpResponse:
    """The stacks of just these, as a wire message; `group` and `stacks` as with profiles."""
    host, probe, found, chosen = _chosen(request, host_id, histogram)
    group, which = asked_group(request.GET.get("group")), asked_stacks(request.GET.get("stacks"))
    return HttpResponse(examples_tree(host.id, probe, found, chosen, group, which), content_type=WIRE_TYPE)


def _chosen(request: HttpRequest, host_id: str, histogram: str) -> tuple[HostView, Probe, Found, Chosen]:
    host = get_host(request.user, host_id)
    probe, shape = _histogram(histogram)
    try:
        values = _values(request, probe)
    except ProbeError as error:
        raise InvalidError(str(error)) from None
    given = {name: str(request.GET[name]) for name in request.GET}
    chosen = asked_cells(given, shape)
    return host, probe, find_examples(host.id, probe, feed_id(probe.name, values), chosen), chosen


def _histogram(name: str) -> tuple[Probe, Histogram]:
    found = all_probes().get(name)
    if found is None or found.histogram is None:
        raise NotFoundError(f"there is no histogram of a probe {name[:60]!r}")
    return found, found.histogram


def _values(request: HttpRequest, probe: Probe) -> Values:
    """What has no dash in its name, but for what the graph keeps of itself (static/js/core/viewstate.js)."""
    named = {name: str(request.GET[name]) for name in request.GET if "-" not in name}
    return probe.values_of_text({name: text for name, text in named.items() if name not in OF_GRAPH})


def _part(request: HttpRequest) -> Kept | None:
    return asked_range(request.GET.get("kept-from", ""), request.GET.get("kept-to", ""))


def _query(values: Values, probe: Probe) -> str:
    """Of an address: the parameters that are not as usual."""
    usual = probe.values({})
    return urlencode({name: value for name, value in values.items() if value != usual[name]})


def _stored(request: HttpRequest, part: Kept | None) -> dict[str, Any]:
    if part is None:
        return {}
    columns = -(-(part.end - part.begin) * 1000 // part.step_ms) + 1
    url = f"{request.path}kept?{request.GET.urlencode()}"
    return {"stored": {"url": url, "step_ms": part.step_ms, "columns": columns, "end_ms": part.end * 1000}}


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
        "stack": histogram.stack,
        "examples": reverse("host-histogram-examples", args=[host.id, probe.name]),
        "record": reverse("record") if access.may_operate(request.user) else None,
    }
