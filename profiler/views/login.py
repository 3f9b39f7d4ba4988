"""Ways in and out: password, one-time link, log out."""

from django.contrib.auth import login, views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from profiler.errors import NotFoundError
from profiler.sharing import consume_login_link

password = views.LoginView.as_view(template_name="login.html", redirect_authenticated_user=True)
leave = views.LogoutView.as_view()


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """GET only shows a button (a module presses it), so that the preview of a chat program can't use the link up."""
    target = _target(request)
    if request.method != "POST":
        return render(request, "login_link.html", {"next": target})
    try:
        user = consume_login_link(token)
    except NotFoundError as refusal:
        return render(request, "login_link.html", {"refusal": refusal.message}, status=404)
    login(request, user)
    return redirect(target)


def _target(request: HttpRequest) -> str:
    """Where to go next: never to another site."""
    wish = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wish, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wish
    return resolve_url("hosts")
