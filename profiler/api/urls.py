"""The API's routes, below /api/v1/."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI
from ninja.errors import ValidationError, ValidationErrorContext

from profiler.api import (
    bpftrace,
    checkups,
    debug_files,
    explore,
    explore_labels,
    fleet,
    host_lanes,
    hosts,
    jobs,
    notes,
    palette,
    probes,
    profiles,
    shares,
    tokens,
    uploads,
)
from profiler.api.auth import SessionAuth, TokenAuth
from profiler.api.errors import add_handlers, no_such_route

# Documentation is for people with a session; everything else asks for its own authentication.
PAGES = ("openapi-json", "openapi-view")


class Api(NinjaAPI):
    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ValidationError:
        """Like the original, but with the values that were wrong: messages show them."""
        errors: list[dict[str, Any]] = []
        for context in error_contexts:
            source = context.model.__ninja_param_source__
            flat = context.model.__ninja_flatten_map_reverse__
            for error in context.pydantic_validation_error.errors(include_url=False):
                place = error["loc"]
                errors.append({**error, "loc": (source, *flat.get(place, place))})
        return ValidationError(errors)


def _build() -> Api:
    api = Api(
        title="webprof",
        version="1",
        description="Record, explore and share BPF profiles. Errors: `{error: {code, message, field?}}`.",
        auth=[TokenAuth(), SessionAuth()],
        urls_namespace="api-v1",
    )
    add_handlers(api)
    api.add_router("/hosts", hosts.router)
    api.add_router("/hosts", host_lanes.router)
    api.add_router("/probes", probes.router)
    api.add_router("/jobs", jobs.job_router)
    api.add_router("/runs", jobs.run_router)
    api.add_router("/profiles", profiles.router)
    api.add_router("/explore", explore.router)
    api.add_router("/explore", explore_labels.router)
    api.add_router("/bpftrace", bpftrace.router)
    api.add_router("/checkups", checkups.router)
    api.add_router("/continuous", fleet.plan_router)
    api.add_router("/service-rules", fleet.rule_router)
    api.add_router("/operations", fleet.operations_router)
    api.add_router("/find", palette.router)
    api.add_router("/uploads", uploads.router)
    api.add_router("/debug-files", debug_files.router)
    api.add_router("/shares", shares.router)
    api.add_router("/notes", notes.router)
    api.add_router("/tokens", tokens.router)
    return api


api = _build()


def _patterns() -> list[URLPattern | URLResolver]:
    patterns, _, _ = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern) and pattern.name not in PAGES:
            pattern.callback = login_not_required(pattern.callback)
    return [*patterns, re_path("", login_not_required(no_such_route))]


app_name = api.urls_namespace
urlpatterns = _patterns()
