"""What the server does in the background, on one page."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from profiler.query import operations as query


@dataclass(frozen=True)
class Wanted:
    """How the table of agents is sorted."""

    sort: str


@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    """`?sort=` orders the agents."""
    wanted = Wanted(request.GET.get("sort", "host"))
    return render(request, "operations.html", {"wanted": wanted, "state": query.operations(request.user, wanted.sort)})
