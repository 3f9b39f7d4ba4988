"""A profile as bytes over HTTP, for the API, the pages and share links."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from profiler.models import StoredProfile
from profiler.query.folded import folded
from profiler.query.time_range import asked_range
from profiler.query.tree import asked_group, asked_stacks, tree, tree_etag

WIRE_TYPE = "application/vnd.webprof.tree"
# A stored profile never changes, but it can be deleted, a right withdrawn, a share revoked: a browser asks each time
# and mostly hears "not modified". Private: a proxy must not hand one person's profile to another.
CACHE = "private, no-cache"


def tree_response(request: HttpRequest, profile: StoredProfile) -> HttpResponse:
    """The wire message with an ETag, as `?group=&from=&to=&stacks=` ask. Raises InvalidError for a wrong one."""
    group = asked_group(request.GET.get("group"))
    time = asked_range(request.GET.get("from"), request.GET.get("to"))
    stacks = asked_stacks(request.GET.get("stacks"))
    etag = tree_etag(profile, group, time, stacks)
    response: HttpResponse
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(tree(profile, group, time, stacks), content_type=WIRE_TYPE)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = CACHE
    return response


def folded_response(profile: StoredProfile, group_text: str | None) -> HttpResponse:
    """Raises InvalidError for a wrong group."""
    return HttpResponse(folded(profile, asked_group(group_text)), content_type="text/plain; charset=utf-8")
