"""Many recordings as one. The page asks the API; all of its state is the URL."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from profiler import access


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    access.require_role(request.user)
    return render(request, "explore.html")
