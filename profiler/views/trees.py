"""Answers that carry a profile's data: the viewer's tree."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition

from profiler.models import StoredProfile
from profiler.query.tree import parse_group, tree, tree_etag


def tree_response(request: HttpRequest, profile: StoredProfile) -> HttpResponse:
    """The wire message for `?group=`. A profile never changes, so browsers ask again but rarely fetch again."""
    group = parse_group(request.GET.get("group"))

    @condition(etag_func=lambda *_: tree_etag(profile, group))
    def respond(_: HttpRequest) -> HttpResponse:
        return HttpResponse(tree(profile, group), content_type="application/octet-stream")

    response: HttpResponse = respond(request)
    # Revalidated each time: a share may be revoked, a right withdrawn.
    patch_cache_control(response, private=True, no_cache=True)
    return response
