"""What all pages have in common that a secret link opens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def private(response: HttpResponse) -> HttpResponse:
    """The address is the key: it must not travel on in a Referer header, nor into a search engine."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def gone(request: HttpRequest) -> HttpResponse:
    """Whether a link never was, has expired or was revoked is nobody's business."""
    return private(render(request, "share_gone.html", status=404))
