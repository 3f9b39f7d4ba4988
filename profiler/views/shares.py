"""Links that open one profile without a login: made, revoked, opened."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from profiler.errors import InvalidError, NotFoundError
from profiler.sharing import create_share, open_share, revoke_share, shares_of
from profiler.views.trees import tree_response


@require_POST
def create(request: HttpRequest, profile_id: str) -> HttpResponse:
    """`view`: the query string that the link opens with. The answer is the only place that shows the link."""
    try:
        _, secret = create_share(request.user, profile_id, request.POST.get("view", ""))
    except InvalidError as refusal:
        return JsonResponse({"detail": refusal.message}, status=400)
    return JsonResponse({"url": request.build_absolute_uri(reverse("share", args=[secret]))}, status=201)


@require_safe
def live(request: HttpRequest, profile_id: str) -> HttpResponse:
    """A fragment: the profile's links that still open."""
    return render(request, "parts/shares.html", {"shares": shares_of(request.user, profile_id)})


@require_POST
def revoke(request: HttpRequest, share_id: str) -> HttpResponse:
    share = revoke_share(request.user, share_id)
    messages.success(request, "The link is revoked: it opens nothing from now on.")
    return redirect("profile", share.profile_id)


@login_not_required
@never_cache
@require_safe
def guest(request: HttpRequest, token: str) -> HttpResponse:
    """The profile, for whoever has the link. A link that was made with a view opens with that view."""
    try:
        share = open_share(token, count=bool(request.GET) or request.method == "GET")
    except NotFoundError as refusal:
        return _private(render(request, "share_gone.html", {"refusal": refusal.message}, status=404))
    if share.view_state and not request.GET:
        return _private(redirect(f"{request.path}?{share.view_state}"))
    return _private(render(request, "share.html", {"profile": share.profile, "token": token}))


@login_not_required
@require_GET
def guest_tree(request: HttpRequest, token: str) -> HttpResponse:
    return _private(tree_response(request, open_share(token).profile))


def _private(response: HttpResponse) -> HttpResponse:
    """The address is the key: it must not travel on in a Referer header, nor into a search engine."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
