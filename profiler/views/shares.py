"""Links that open one profile without a login: listed, opened. The API makes and revokes them."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET, require_safe

from profiler.api.html_file import profile_file
from profiler.api.moments import moments_response
from profiler.api.responses import tree_response
from profiler.errors import NotFoundError
from profiler.sharing import open_share, shares_of
from profiler.views.guests import gone, private
from profiler.views.opening import first_tree

THEMES = ("light", "dark")


@require_safe
def live(request: HttpRequest, profile_id: str) -> HttpResponse:
    """A fragment: the profile's links that still open."""
    return render(request, "parts/shares.html", {"shares": shares_of(request.user, profile_id), "path": "shares/"})


@login_not_required
@never_cache
@require_safe
def guest(request: HttpRequest, token: str) -> HttpResponse:
    """The profile, for whoever has the link. A link that was made with a view opens with that view."""
    try:
        share = open_share(token)
    except NotFoundError:
        return gone(request)
    if share.view_state and not request.GET:
        return private(redirect(f"{request.path}?{share.view_state}"))
    open_share(token, count=True)
    shown = {
        "profile": share.profile,
        "tree_url": reverse("share-tree", args=[token]),
        "moments_url": reverse("share-moments", args=[token]),
        "first_tree": first_tree(request.GET, share.profile),
    }
    return private(render(request, "share.html", shown))


@login_not_required
@never_cache
@xframe_options_exempt  # webprof/middleware.py says who may
@require_safe
def embed(request: HttpRequest, token: str) -> HttpResponse:
    """The graph alone, for a frame of another site. `?theme=light|dark`; like the system without."""
    asked = request.GET.get("theme", "")
    shown = {"theme": asked if asked in THEMES else "", "token": token}
    try:
        share = open_share(token)
    except NotFoundError:
        return private(render(request, "embed.html", shown, status=404))
    if share.view_state and request.GET.keys() <= {"theme"}:
        theme = f"&theme={shown['theme']}" if shown["theme"] else ""
        return private(redirect(f"{request.path}?{share.view_state}{theme}"))
    open_share(token, count=True)
    return private(render(request, "embed.html", {**shown, "profile": share.profile}))


@login_not_required
@require_GET
def guest_tree(request: HttpRequest, token: str) -> HttpResponse:
    return private(tree_response(request, open_share(token).profile))


@login_not_required
@require_GET
def guest_moments(request: HttpRequest, token: str) -> HttpResponse:
    return private(moments_response(request, open_share(token).profile))


@login_not_required
@require_GET
def guest_html(request: HttpRequest, token: str) -> HttpResponse:
    return private(profile_file(request, open_share(token).profile))
