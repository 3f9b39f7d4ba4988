"""API tokens of one's own: made, shown once, revoked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from profiler import access
from profiler.errors import InvalidError
from profiler.sharing import create_token, revoke_token


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The list; POST makes one and answers with its secret, the only time it is shown."""
    shown: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        name = request.POST.get("name", "")
        try:
            shown["made"], shown["secret"] = create_token(request.user, name)
        except InvalidError as refusal:
            shown |= {"name": name, "refusal": refusal.message}
            status = refusal.status
    return render(request, "tokens.html", shown | {"tokens": access.tokens(request.user)}, status=status)


@require_POST
def revoke(request: HttpRequest, token_id: str) -> HttpResponse:
    name = access.token(request.user, token_id).name
    revoke_token(request.user, token_id)
    messages.success(request, f"Token “{name}” is revoked: what used it gets 401 from now on.")
    return redirect("tokens")
