"""bpftrace: an editor with a library, and a program's page with what it says on each host."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from profiler import access
from profiler.api.responses import WIRE_TYPE
from profiler.bpftrace.library import OneLiner, library, one_liner
from profiler.bpftrace.programs import Asked, blocker, start
from profiler.bpftrace.programs import stop as stop_run
from profiler.bpftrace.showing import marked_lines, results_of, shown, stack_tree
from profiler.charts.program import figures
from profiler.core.bpftrace.channel import DEFAULT_DURATION_S, MAX_DURATION_S, MAX_PROGRAM, MIN_DURATION_S
from profiler.core.bpftrace.problems import Problem
from profiler.errors import ConflictError, InvalidError, UnavailableError
from profiler.models import BpftraceProgram
from profiler.query.hosts import HostView, list_hosts
from profiler.query.page import paged

PRESETS = (5, 10, 30, 60)
BOUNDS = {
    "min_duration": MIN_DURATION_S,
    "max_duration": MAX_DURATION_S,
    "max_program": MAX_PROGRAM,
    "presets": PRESETS,
}
RECENT = 20


@require_http_methods(["GET", "HEAD", "POST"])
def bpftrace(request: HttpRequest) -> HttpResponse:
    """The editor. `?use=<name>&<parameter>=` fills it from the library, `?from=<program>` from one that ran."""
    access.tracer(request.user, "run bpftrace programs")
    if request.method != "POST":
        return _editor(request, *_filled(request), status=200)
    typed = _typed(request.POST)
    try:
        program = start(request.user, _asked(typed))
    except (InvalidError, ConflictError, UnavailableError) as refusal:
        return _editor(request, typed, {"refusal": refusal}, status=refusal.status)
    return redirect("bpftrace-program", program.pk)


def _typed(given: Any) -> dict[str, Any]:
    names = ("program", "duration_s", "title")
    return {name: given.get(name, "") for name in names} | {"hosts": given.getlist("hosts")}


def _asked(typed: Mapping[str, Any]) -> Asked:
    """Forms send lines with CR LF; columns would count the CR."""
    try:
        duration_s = int(typed["duration_s"])
    except ValueError:
        raise InvalidError(f"duration_s: {typed['duration_s'][:20]!r} is no number of seconds", "duration_s") from None
    return Asked(typed["program"].replace("\r\n", "\n"), typed["hosts"], duration_s, typed["title"])


def _filled(request: HttpRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the editor begins with, and what its page says beside."""
    hosts = request.GET.getlist("host")
    typed = {"program": "", "duration_s": str(DEFAULT_DURATION_S), "title": "", "hosts": hosts}
    if earlier := request.GET.get("from"):
        program = access.bpftrace_program(request.user, earlier)
        typed |= {"program": program.text, "duration_s": str(program.duration_s), "title": program.title}
        typed["hosts"] = hosts or [run.host for run in program.runs.all()]
        problems = _problems(program)
        return typed, {"lines": marked_lines(program.text, problems)} if problems else {}
    if name := request.GET.get("use"):
        return _from_library(one_liner(name), request.GET, typed)
    return typed, {}


def _from_library(
    entry: OneLiner, asked: Mapping[str, str], typed: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    given = {each.name: asked[each.name] for each in entry.parameters if each.name in asked}
    more = {"used": entry, "given": [(each, given.get(each.name, each.default)) for each in entry.parameters]}
    try:
        return typed | {"program": entry.text(given), "title": entry.title}, more
    except InvalidError as wrong:
        return typed, more | {"wrong": wrong}


def _problems(program: BpftraceProgram) -> list[Problem]:
    """What the compiler said, of the first host that it said it on."""
    for run in program.runs.all():
        report = results_of(run)
        if report and report.results.problems:
            return [each for each in report.results.problems if each.fatal]
    return []


def _editor(request: HttpRequest, typed: Mapping[str, Any], more: Mapping[str, Any], *, status: int) -> HttpResponse:
    rows = [(host, _blocker(host)) for host in list_hosts(request.user)]
    able = [host.id for host, reason in rows if not reason]
    if not typed["hosts"] and len(able) == 1:
        typed = {**typed, "hosts": able}
    recent = paged(access.bpftrace_programs(request.user), 1, RECENT).items
    shown_now = {"typed": typed, "rows": rows, "able": able, "library": library(), "recent": recent, **BOUNDS, **more}
    return render(request, "bpftrace.html", shown_now, status=status)


def _blocker(host: HostView) -> str:
    return blocker(host.inventory if host.alive else None)


@require_safe
def program(request: HttpRequest, program_id: str) -> HttpResponse:
    """What it says on the host of `?host=`, or on the first."""
    found = access.bpftrace_program(request.user, program_id)
    runs = list(found.runs.all())
    run = next((each for each in runs if each.host == request.GET.get("host")), runs[0])
    run.program = found
    report = results_of(run)
    lines = marked_lines(found.text, report.results.problems if report else [])
    shown_now = {"program": found, "runs": runs, "run": run, "now": shown(run, report), "lines": lines}
    shown_now["figures"] = figures()
    return render(request, "bpftrace_program.html", shown_now)


@require_safe
def stacks(request: HttpRequest, trace_id: str, name: str) -> HttpResponse:
    """The flame graph of a map."""
    run = access.bpftrace_run(request.user, trace_id)
    return render(request, "bpftrace_stacks.html", {"run": run, "program": run.program, "name": name})


@require_safe
def tree(request: HttpRequest, trace_id: str, name: str) -> HttpResponse:
    """The stacks of a map as a wire message."""
    run = access.bpftrace_run(request.user, trace_id)
    return HttpResponse(stack_tree(run, name), content_type=WIRE_TYPE)


@require_POST
def stop(request: HttpRequest, trace_id: str) -> HttpResponse:
    run = stop_run(request.user, trace_id)
    return redirect(f"{reverse('bpftrace-program', args=[run.program_id])}?{urlencode({'host': run.host})}")
