"""The 60-second check: started, listed, looked at, deleted."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from profiler import access, checkups
from profiler.core.checkup import DEFAULT_SECONDS, LEAST_SECONDS, MOST_SECONDS
from profiler.errors import InvalidError, ServiceError
from profiler.query.checkups import list_checkups, shown_hosts
from profiler.query.hosts import list_hosts
from profiler.sharing import checkup_shares_of
from profiler.views.profiles import page_number


@require_http_methods(["GET", "HEAD", "POST"])
def list_page(request: HttpRequest) -> HttpResponse:
    """The list with a form above it; POST starts one."""
    refusal = None
    if request.method == "POST":
        try:
            checkup = checkups.start(request.user, request.POST.getlist("host"), _seconds(request.POST.get("seconds")))
        except ServiceError as error:
            refusal = error
        else:
            return redirect("checkup", checkup.pk)
    shown = {
        "refusal": refusal,
        "chosen": request.POST.getlist("host") or request.GET.getlist("host"),
        "seconds": request.POST.get("seconds", f"{DEFAULT_SECONDS}"),
        "bounds": (LEAST_SECONDS, MOST_SECONDS),
        "hosts": [row for row in list_hosts(request.user) if row.alive],
        "page": list_checkups(request.user, page_number(request.GET.get("page", "1"))),
        "may_start": access.may_operate(request.user),
    }
    return render(request, "checkups.html", shown, status=refusal.status if refusal else 200)


@require_GET
def page(request: HttpRequest, checkup_id: str) -> HttpResponse:
    checkup = access.checkup(request.user, checkup_id)
    shown = {
        "checkup": checkup,
        "hosts": shown_hosts(checkup),
        "may_change": access.may_change(request.user, checkup),
    }
    return render(request, "checkup.html", shown)


@require_POST
def delete(request: HttpRequest, checkup_id: str) -> HttpResponse:
    checkups.delete(request.user, checkup_id)
    messages.success(request, "The check is deleted, and its share links with it.")
    return redirect("checkups")


@require_safe
def shares(request: HttpRequest, checkup_id: str) -> HttpResponse:
    """A fragment: the check's links that still open."""
    live = checkup_shares_of(request.user, checkup_id)
    return render(request, "parts/shares.html", {"shares": live, "path": f"checkups/{checkup_id}/shares/"})


def _seconds(text: str | None) -> float:
    try:
        return float(text or DEFAULT_SECONDS)
    except ValueError:
        raise InvalidError(f"seconds: {text!r} is no number", "seconds") from None
