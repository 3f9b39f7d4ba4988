"""A new recording, and a run while it records."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from profiler import access
from profiler.core.spec import MAX_DURATION_S, MAX_FREQUENCY_HZ
from profiler.errors import ConflictError, InvalidError, UnavailableError
from profiler.events import run_changed
from profiler.forms import RecordForm, initial_from_query, query_of
from profiler.jobs.cancel import cancel
from profiler.jobs.errors import BusyHostError
from profiler.jobs.start import start
from profiler.probe_form import shown_probes
from profiler.query.hosts import HostView, list_hosts
from profiler.query.probes import missing_probes
from profiler.views.hosts import trouble

# The usual durations in seconds: a look, a request's life, a batch job.
PRESETS = (10, 30, 60, 300)
BOUNDS = {"max_frequency": MAX_FREQUENCY_HZ, "max_duration": MAX_DURATION_S, "presets": PRESETS}


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """The form; what was typed stays when it is refused."""
    access.operator(request.user, "record")
    if request.method != "POST":
        return _form_page(request, RecordForm(initial=initial_from_query(request.GET)), 200)
    form = RecordForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, 400)
    try:
        job = start(request.user, form.spec(), form.cleaned_data["hosts"])
    except (InvalidError, ConflictError, UnavailableError) as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _form_page(request, form, 409, busy_run=refusal.run if isinstance(refusal, BusyHostError) else None)
    return redirect("run", access.runs(request.user).filter(job=job).order_by("host_id")[0].pk)


def _form_page(request: HttpRequest, form: RecordForm, status: int, **more: Any) -> HttpResponse:
    rows = [(host, trouble(host)) for host in list_hosts(request.user)]
    if not form.is_bound and not form.initial.get("hosts") and len(rows) == 1:
        form.initial["hosts"] = [rows[0][0].id]
    shown = {"form": form, "rows": rows, "probes": list(shown_probes(form)), "missing": _missing(rows)}
    return render(request, "record.html", shown | BOUNDS | more, status=status)


def _missing(rows: Iterable[tuple[HostView, str]]) -> dict[str, dict[str, str]]:
    """Host → probe → why it does not run there. An agent that says nothing of a probe does not have it."""
    return {host.id: missing_probes(host.inventory) for host, _ in rows if host.alive and host.inventory}


@require_safe
def run(request: HttpRequest, run_id: str) -> HttpResponse:
    """Live while it records; a run that has its profile is that profile."""
    found = access.run(request.user, run_id)
    state = run_changed(found)
    if state["final"] and state["profile"]:
        return redirect("profile", state["profile"])
    siblings = access.runs(request.user).filter(job=found.job_id).exclude(pk=found.pk).order_by("host_id")
    shown = {
        "run": found,
        "state": state,
        "siblings": siblings,
        "may_change": access.may_change(request.user, found),
        "again": query_of(found),
    }
    return render(request, "run.html", shown)


@require_POST
def stop(request: HttpRequest, run_id: str) -> HttpResponse:
    """Ends the recording; what was gathered is kept."""
    cancel(request.user, run_id)
    if "text/html" not in request.headers.get("Accept", ""):
        return HttpResponse(status=204)
    return redirect(reverse("run", args=[run_id]))
