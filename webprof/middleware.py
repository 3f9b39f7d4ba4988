"""Headers that every answer carries."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Pages load only their own files and run no inline script or style, so a process named `<script>` stays text.
# 'self' in connect-src covers the WebSockets of the same origin; data: images are small icons in style sheets.
FRAMED_NOWHERE = "frame-ancestors 'none'"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        FRAMED_NOWHERE,
    )
)
# The route that other sites may frame, if the settings name some.
EMBED = "embed"


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: set the policy unless the view set its own."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", _policy(request))
        return response

    return respond


def _policy(request: HttpRequest) -> str:
    framed = request.resolver_match is not None and request.resolver_match.url_name == EMBED
    if not (framed and settings.EMBED_ORIGINS):
        return CONTENT_SECURITY_POLICY
    return CONTENT_SECURITY_POLICY.replace(FRAMED_NOWHERE, f"frame-ancestors {' '.join(settings.EMBED_ORIGINS)}")
