"""Every refusal of the API has one shape: `{"error": {"code", "message", "field"?}}`."""

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from redis.exceptions import RedisError

from profiler.errors import ServiceError
from profiler.jobs.validation import describe

log = logging.getLogger(__name__)

CODES = {400: "bad_request", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 405: "method_not_allowed"}
# pydantic's place of an error begins with where the value came from ("body", "query") and, for a body, its name here.
SOURCES = {"body": 2, "query": 1, "path": 1, "form": 1, "file": 1}
LOGIN_FIRST = "log in, or send a token: `Authorization: Bearer wp_…` (make one at /tokens/)"


def error_response(status: int, code: str, message: str, field: str | None = None, **more: Any) -> HttpResponse:
    body: dict[str, Any] = {"code": code, "message": message, **more}
    return JsonResponse({"error": body | ({"field": field} if field else {})}, status=status)


def add_handlers(api: NinjaAPI) -> None:
    """Translate every exception that may leave an operation."""
    api.add_exception_handler(ServiceError, _refused)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, _unauthenticated)
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(Http404, _missing)
    api.add_exception_handler(RedisError, _redis)
    api.add_exception_handler(Exception, _broken)


def no_such_route(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    return error_response(404, "not_found", f"there is nothing at {request.path[:200]}; see /api/v1/docs")


def _refused(request: HttpRequest, error: ServiceError | type[ServiceError]) -> HttpResponse:
    assert isinstance(error, ServiceError)  # noqa: S101 ninja's types allow a class; it is never called with one
    run, position = getattr(error, "run", None), getattr(error, "position", None)
    more: dict[str, Any] = {"run": str(run)} if run else {}
    if position is not None:
        more["position"] = position
    return error_response(error.status, error.code, error.message, error.field, **more)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    first = error.errors[0]
    field, message = describe(first, SOURCES.get(str(first["loc"][0]), 0))
    return error_response(422, "invalid", message, field)


def _unauthenticated(request: HttpRequest, error: Any) -> HttpResponse:
    response = error_response(401, "unauthenticated", LOGIN_FIRST)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http(request: HttpRequest, error: Any) -> HttpResponse:
    return error_response(error.status_code, CODES.get(error.status_code, "refused"), str(error))


def _missing(request: HttpRequest, error: Any) -> HttpResponse:
    return no_such_route(request)


def _redis(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("%s %s: Redis: %s", request.method, request.path, error)
    return error_response(503, "unavailable", "Redis does not answer; it carries everything between hosts and server")


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    log.exception("%s %s", request.method, request.path, exc_info=error)
    return error_response(500, "internal", "the server failed; its log says why")
