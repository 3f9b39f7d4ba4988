"""Service rules: the list, a form, and what the rules make of the processes that run now."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from pydantic import ValidationError

from profiler import access, jobs
from profiler.errors import InvalidError
from profiler.fleet import changes, rules
from profiler.fleet.preview import preview
from profiler.fleet.rule import NAMED, Rule, Source
from profiler.models import ServiceRule
from profiler.views.ordered_rows import delete_row, move_row

SOURCES = {
    Source.PROGRAM: "program (its name)",
    Source.UNIT: "systemd unit",
    Source.CONTAINER: "container (its name)",
    Source.IMAGE: "container image",
    Source.VARIABLE: "environment variable",
    Source.LABEL: "label of the host",
}


@require_http_methods(["GET", "HEAD", "POST"])
def services(request: HttpRequest) -> HttpResponse:
    """`?edit=` puts a rule into the form, POST keeps it; with `preview=1` its fields only show what would come of it.

    The form previews by POST: its token has no place in a URL.
    """
    given = request.POST if request.method == "POST" else request.GET
    edited = given.get("rule") or request.GET.get("edit") or None
    row = access.service_rule(request.user, edited) if edited else None
    draft, refusal = None, None
    keeping = request.method == "POST" and "preview" not in given
    if keeping or "preview" in given:
        try:
            draft = rules.check(_asked(given))
            if keeping:
                kept = rules.save(request.user, draft, row.pk if row else None)
                messages.success(request, f"The rule {kept} is kept: profiles that come from now on follow it.")
                return redirect("services")
        except InvalidError as error:
            refusal = error
    shown = _shown(request, row, draft) | {"form": _form(row, given, draft or refusal), "refusal": refusal}
    return render(request, "services.html", shown, status=refusal.status if refusal else 200)


@require_POST
def delete(request: HttpRequest, rule_id: int) -> HttpResponse:
    return delete_row(request, rules.RULES, rule_id, "The rule {} is deleted.", "services")


@require_POST
def move(request: HttpRequest, rule_id: int) -> HttpResponse:
    return move_row(request, rules.RULES, rule_id, "services")


def _shown(request: HttpRequest, row: ServiceRule | None, draft: Rule | None) -> dict[str, Any]:
    rows = list(access.service_rules(request.user))
    now = [rules.rule_of(one) for one in rows]
    thought = now
    if draft is not None:
        place = rows.index(row) if row in rows else len(now)
        thought = [*now[:place], draft, *now[place + 1 :]]
    return {
        "rules": rows,
        "sources": SOURCES,
        "named": NAMED,
        "rule": row,
        "draft": draft,
        "preview": preview(request.user, thought, now),
        "changes": changes.latest(request.user, rules.RULES.what),
    }


def _asked(data: QueryDict) -> Rule:
    try:
        return Rule.model_validate({name: data.get(name, "") for name in rules.FIELDS})
    except ValidationError as error:
        field, message = jobs.field_errors(error)[0]
        raise InvalidError(message, field) from None


def _form(row: ServiceRule | None, given: QueryDict, typed: object) -> dict[str, Any]:
    if typed is not None:
        return {name: given.get(name, "") for name in rules.FIELDS}
    return {name: getattr(row, name, "") for name in rules.FIELDS}
