"""Continuous profiling: the plans, what each host does, and one host's switch."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from pydantic import ValidationError

from profiler import access, jobs
from profiler.core.continuous import MAX_FREQUENCY_HZ, MAX_LENGTH_S, MIN_LENGTH_S
from profiler.errors import InvalidError
from profiler.fleet import changes, plans
from profiler.fleet.plans import Plan
from profiler.models import ContinuousPlan
from profiler.query.continuous import hosts_continuous
from profiler.views.ordered_rows import delete_row, move_row

BOUNDS = {"max_frequency": MAX_FREQUENCY_HZ, "min_length": MIN_LENGTH_S, "max_length": MAX_LENGTH_S}


@require_http_methods(["GET", "HEAD", "POST"])
def continuous(request: HttpRequest) -> HttpResponse:
    """`?edit=` puts a plan into the form; POST keeps what is in it."""
    edited = request.POST.get("plan") or request.GET.get("edit") or None
    plan = access.continuous_plan(request.user, edited) if edited else None
    form, refusal = _form(plan), None
    if request.method == "POST":
        try:
            kept = plans.save(request.user, _asked(request.POST), plan.pk if plan else None)
        except InvalidError as error:
            form, refusal = request.POST.dict() | {"on": request.POST.get("on") == "true"}, error
        else:
            messages.success(request, f"The plan for {kept} is kept: hosts are told within seconds.")
            return redirect("continuous")
    hosts = hosts_continuous(request.user)
    shown = {
        "hosts": hosts,
        "plans": [(one, sum(host.plan == one for host in hosts)) for one in access.continuous_plans(request.user)],
        "plan": plan,
        "form": form,
        "refusal": refusal,
        "bounds": BOUNDS,
        "changes": changes.latest(request.user, plans.PLANS.what),
    }
    return render(request, "continuous.html", shown, status=refusal.status if refusal else 200)


@require_POST
def delete(request: HttpRequest, plan_id: int) -> HttpResponse:
    return delete_row(request, plans.PLANS, plan_id, "The plan for {} is deleted.", "continuous")


@require_POST
def move(request: HttpRequest, plan_id: int) -> HttpResponse:
    return move_row(request, plans.PLANS, plan_id, "continuous")


@require_POST
def switch(request: HttpRequest, host_id: str) -> HttpResponse:
    on = request.POST.get("on") == "true"
    plans.switch_host(request.user, host_id, on=on)
    state = "on" if on else "off"
    messages.success(request, f"{host_id} is told to switch continuous profiling {state}: see below in a few seconds.")
    return redirect("host", host_id)


def _asked(data: QueryDict) -> Plan:
    fields: dict[str, Any] = {name: data[name] for name in ("selector", "frequency", "length_s") if data.get(name)}
    try:
        return Plan.model_validate({**fields, "on": data.get("on") == "true", "labels": _labels(data)})
    except ValidationError as error:
        field, message = jobs.field_errors(error)[0]
        raise InvalidError(message, field) from None


def _labels(data: QueryDict) -> dict[str, str]:
    """`env=prod, team=shop`."""
    parts = [part.strip() for part in data.get("labels", "").split(",") if part.strip()]
    labels = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if not equals:
            raise InvalidError(f"labels: {part[:40]!r} is not NAME=VALUE, such as env=prod", "labels")
        labels[name.strip()] = value.strip()
    return labels


def _form(plan: ContinuousPlan | None) -> dict[str, Any]:
    values = Plan().model_dump() if plan is None else {name: getattr(plan, name) for name in plans.FIELDS}
    return {**values, "labels": ", ".join(f"{name}={value}" for name, value in values["labels"].items())}
