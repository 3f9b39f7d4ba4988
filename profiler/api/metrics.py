"""/metrics: running histograms for Prometheus, which sends an API token (`authorization: credentials`)."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from profiler.core.prometheus import CONTENT_TYPE
from profiler.errors import NotFoundError, UnavailableError
from profiler.query.histogram_totals import metrics as metrics_text
from profiler.sharing import authenticate_token


@never_cache
@require_safe
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """401 without a token or session of somebody of the team."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    user = authenticate_token(token) if scheme else request.user
    try:
        return HttpResponse(metrics_text(user or AnonymousUser()), content_type=CONTENT_TYPE)
    except NotFoundError:
        answer = HttpResponse("send an API token of this server: Authorization: Bearer wp_…\n", status=401)
        answer["WWW-Authenticate"] = "Bearer"
        answer["Content-Type"] = "text/plain; charset=utf-8"
        return answer
    except UnavailableError as error:
        return HttpResponse(f"{error.message}\n", status=503, content_type="text/plain; charset=utf-8")
