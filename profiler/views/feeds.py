"""Live events of a host: what can be watched there, and one feed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from profiler import access
from profiler.core.feed_channel import feed_id
from profiler.core.probe import Emits, Probe, ProbeError, Values
from profiler.errors import NotFoundError
from profiler.probes.registry import all_probes
from profiler.query.feeds import columns_for_page, hidden_columns, parameters_now, trouble, watchables
from profiler.query.hosts import HostView, get_host

SECTIONS = {Emits.EVENTS: "Events", Emits.COUNTERS: "Counters by process"}


@require_safe
def feeds(request: HttpRequest, host_id: str) -> HttpResponse:
    host = get_host(request.user, host_id)
    sections = [(title, watchables(host, emits)) for emits, title in SECTIONS.items()]
    return render(request, "feeds.html", {"host": host, "sections": sections})


@require_safe
def feed(request: HttpRequest, host_id: str, probe: str) -> HttpResponse:
    """The address has the probe's parameters, and, with a dash in their names, what the page shows of the events."""
    host = get_host(request.user, host_id)
    found = all_probes().get(probe)
    if found is None or found.emits not in SECTIONS:
        raise NotFoundError(f"there are no live events of a probe {probe[:60]!r}")
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
        "hidden": hidden_columns(host, found),
        "now": None if refusal else _for_page(request, host, found, values),
    }
    return render(request, "feed.html", shown, status=422 if refusal else 200)


def _for_page(request: HttpRequest, host: HostView, probe: Probe, values: Values) -> dict[str, Any]:
    """What the page's module needs to know."""
    return {
        "host": host.id,
        "probe": probe.name,
        "feed": feed_id(probe.name, values),
        "values": {name: int(value) if isinstance(value, bool) else value for name, value in values.items()},
        "fields": columns_for_page(probe),
        "record": reverse("record") if access.may_operate(request.user) else None,
    }
