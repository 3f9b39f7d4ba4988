"""All probes: what each one is, needs, takes and costs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from profiler.core.probe import Emits, Probe
from profiler.probes.kernels import by_kernel
from profiler.query.probes import listed_probes

SECTIONS = {
    Emits.STACKS: "Stacks",
    Emits.HISTOGRAM: "Histograms",
    Emits.EVENTS: "Live feeds",
    Emits.COUNTERS: "Counters",
}


@require_safe
def probes(request: HttpRequest) -> HttpResponse:
    """By what they emit; each can be linked to by its name: `/probes/#cpu`."""
    found = listed_probes(request.user)
    sections = [
        (title, [_shown(probe) for probe in found if probe.emits is emits]) for emits, title in SECTIONS.items()
    ]
    return render(request, "probes.html", {"sections": [(title, rows) for title, rows in sections if rows]})


def _shown(probe: Probe) -> tuple[Probe, dict[str, list[str]]]:
    return probe, by_kernel(probe.needs)
