"""What a page answers when a request can't be served: what happened, why, and what to do now."""

import logging
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from redis.exceptions import RedisError

from profiler.errors import ServiceError, UnavailableError

log = logging.getLogger(__name__)

TITLES = {
    403: "Not allowed",
    404: "Not found",
    409: "Not now",
    413: "Too large",
    422: "That can't be used",
    503: "Something is not running",
}


class ServiceErrorMiddleware:
    """Turns the refusals of the services into pages, once, so that no view needs to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, RedisError):
            log.error("%s %s: Redis: %s", request.method, request.path, error)
            error = UnavailableError(
                "Redis does not answer. It carries everything between hosts and this server: start it, then reload."
            )
        if not isinstance(error, ServiceError):
            return None
        return error_page(request, error.status, TITLES.get(error.status, "Refused"), error.message)


def error_page(request: HttpRequest, status: int, title: str, message: str) -> HttpResponse:
    """The page for people; the bare message for a module that fetches data."""
    if "text/html" not in request.headers.get("Accept", ""):
        return HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
    return render(request, "error.html", {"status": status, "title": title, "message": message}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 400, "Bad request", "The server could not read this request.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403, "Not allowed", "Your account may not do this. Ask an admin for the right to.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404, "Not found", f"There is no page at {request.path[:200]}.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = "This form was too old, or came from another site. Go back, reload the page and send it again."
    return error_page(request, 403, "Form not accepted", f"{message} ({reason})")


def server_error(request: HttpRequest) -> HttpResponse:
    """Draws on nothing that may just have failed: no session, no database."""
    quote = secrets.token_hex(4)
    log.error("error %s: %s %s", quote, request.method, request.path)
    return render(None, "500.html", {"quote": quote}, status=500)
