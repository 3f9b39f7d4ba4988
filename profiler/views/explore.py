"""Many recordings as one. The page asks the API; all of its state is the URL."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from profiler.query.explore import fleet_kinds


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    return render(request, "explore.html", {"kinds": fleet_kinds(request.user)})
