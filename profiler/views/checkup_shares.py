"""A shared 60-second check, for whoever has the link: its report, and the CPU profiles that are part of it."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from profiler.api.moments import moments_response
from profiler.api.responses import tree_response
from profiler.errors import NotFoundError
from profiler.query.checkups import shown_hosts
from profiler.sharing import open_checkup_share, profile_in
from profiler.views.guests import gone, private
from profiler.views.opening import first_tree


@login_not_required
@never_cache
@require_safe
def guest(request: HttpRequest, token: str) -> HttpResponse:
    try:
        checkup = open_checkup_share(token, count=True).checkup
    except NotFoundError:
        return gone(request)
    shown = {"checkup": checkup, "hosts": shown_hosts(checkup), "token": token}
    return private(render(request, "checkup_share.html", shown))


@login_not_required
@never_cache
@require_safe
def guest_profile(request: HttpRequest, token: str, host_id: str) -> HttpResponse:
    try:
        profile = profile_in(open_checkup_share(token), host_id)
    except NotFoundError:
        return gone(request)
    place = [token, host_id]
    shown = {
        "profile": profile,
        "shared_check": reverse("checkup-share", args=[token]),
        "tree_url": reverse("checkup-share-tree", args=place),
        "moments_url": reverse("checkup-share-moments", args=place),
        "first_tree": first_tree(request.GET, profile),
    }
    return private(render(request, "share.html", shown))


@login_not_required
@require_GET
def guest_tree(request: HttpRequest, token: str, host_id: str) -> HttpResponse:
    return private(tree_response(request, profile_in(open_checkup_share(token), host_id)))


@login_not_required
@require_GET
def guest_moments(request: HttpRequest, token: str, host_id: str) -> HttpResponse:
    return private(moments_response(request, profile_in(open_checkup_share(token), host_id)))
