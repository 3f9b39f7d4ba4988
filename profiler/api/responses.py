"""A profile as bytes over HTTP, for the API, the pages and share links."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers

from profiler.api.moments import parts_response
from profiler.models import StoredProfile
from profiler.query.folded import folded
from profiler.query.parts import asked_parts
from profiler.query.time_range import asked_range
from profiler.query.tree import (
    TreeAsked,
    asked_detail,
    asked_group,
    asked_stacks,
    ready_overview,
    tree,
    tree_etag,
)

WIRE_TYPE = "application/vnd.webprof.tree"
# A stored profile never changes, but it can be deleted, a right withdrawn, a share revoked: a browser asks each time
# and mostly hears "not modified". Private: a proxy must not hand one person's profile to another.
CACHE = "private, no-cache"


def tree_response(request: HttpRequest, profile: StoredProfile) -> HttpResponse:
    """The wire message with an ETag, as `?group=&stacks=&detail=` with `from=&to=` or `at=&base=` ask.

    Raises InvalidError for a wrong one.
    """
    if parts := asked_parts(request.GET.getlist("at"), request.GET.getlist("base")):
        return parts_response(request, profile, parts, WIRE_TYPE)
    asked = TreeAsked(
        asked_group(request.GET.get("group")),
        asked_range(request.GET.get("from"), request.GET.get("to")),
        asked_stacks(request.GET.get("stacks")),
        asked_detail(request.GET.get("detail")),
    )
    etag = tree_etag(profile, asked)
    unchanged = request.headers.get("If-None-Match") == etag
    response = HttpResponseNotModified() if unchanged else _message(request, profile, asked)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = CACHE
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _message(request: HttpRequest, profile: StoredProfile, asked: TreeAsked) -> HttpResponse:
    """What is kept ready is kept compressed; all else is made now: compressing it would take longer than sending."""
    if "gzip" in request.headers.get("Accept-Encoding", "") and (ready := ready_overview(profile, asked)):
        return HttpResponse(ready, content_type=WIRE_TYPE, headers={"Content-Encoding": "gzip"})
    return HttpResponse(tree(profile, asked), content_type=WIRE_TYPE)


def folded_response(profile: StoredProfile, group_text: str | None) -> HttpResponse:
    """Raises InvalidError for a wrong group."""
    return HttpResponse(folded(profile, asked_group(group_text)), content_type="text/plain; charset=utf-8")
