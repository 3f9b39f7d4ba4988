"""Hosts, now: the list, one host, and what on it can be recorded."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from profiler import access
from profiler.core.inventory import Capability, Inventory
from profiler.core.probe import Emits
from profiler.query.continuous import host_continuous
from profiler.query.counters import has_counters
from profiler.query.feeds import Watchable, columns_for_page, watchables
from profiler.query.hosts import HostView, get_host, list_hosts
from profiler.query.profiles import ProfileFilter, list_profiles
from profiler.query.runs import list_runs

# The host page is about now; the rest is behind links.
RECENT = 10
CPU_PROBE = "cpu"
# What has lanes when it is chosen: the kinds, by the name that the page's address has for them.
LANES = {"events": ("Live events", Emits.EVENTS), "histograms": ("Histograms", Emits.HISTOGRAM)}
LANES["processes"] = ("Counters by process", Emits.COUNTERS)


@require_safe
def hosts(request: HttpRequest) -> HttpResponse:
    found = list_hosts(request.user)
    return render(request, "hosts.html", {"rows": [(host, trouble(host)) for host in found]})


@require_safe
def host(request: HttpRequest, host_id: str) -> HttpResponse:
    found = get_host(request.user, host_id)
    lanes = {name: (title, watchables(found, emits)) for name, (title, emits) in LANES.items()}
    shown = {
        "host": found,
        "trouble": trouble(found),
        "probe_ways": probe_ways(found.inventory),
        "has_counters": has_counters(found.id),
        "lanes": lanes,
        "lanes_now": _for_lanes(request, found, lanes),
        "continuous": host_continuous(request.user, found),
        "runs": list_runs(request.user, host=found.id, page_size=RECENT).items,
        "profiles": list_profiles(request.user, ProfileFilter(host=found.id, page_size=RECENT)).items,
    }
    return render(request, "host.html", shown)


def _for_lanes(request: HttpRequest, host: HostView, lanes: dict[str, tuple[str, list[Watchable]]]) -> dict[str, Any]:
    """What the page's module needs to know: probes that have lanes, and columns of their events."""
    return {
        "host": host.id,
        "record": reverse("record") if access.may_operate(request.user) else None,
        "probes": {
            each.probe.name: {"kind": kind, "title": each.probe.title, "fields": columns_for_page(each.probe)}
            for kind, (_, some) in lanes.items()
            for each in some
        },
    }


@require_safe
def targets(request: HttpRequest, host_id: str) -> HttpResponse:
    """A fragment for the record page: what runs on the host now, to pick from."""
    return render(request, "parts/targets.html", {"host": get_host(request.user, host_id)})


def probe_ways(inventory: Inventory | None) -> list[Capability]:
    """Probes that do not run there, and those that take one of several ways."""
    return [probe for probe in inventory.probes if probe.how or not probe.available] if inventory else []


def trouble(host: HostView) -> str:
    """Why this host can't record now; empty when it can."""
    if not host.alive:
        return "its agent sends no heartbeat: start it there with `webprof agent`"
    if host.run:
        return "it is recording: one recording at a time"
    return _incapable(host.inventory)


def _incapable(inventory: Inventory | None) -> str:
    for capability in inventory.capabilities if inventory else ():
        if capability.name == CPU_PROBE and not capability.available:
            return "; ".join(filter(None, (capability.reason, capability.fix)))
    return ""
