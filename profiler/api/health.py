"""/healthz: for load balancers, supervisors and people in a hurry. No login, no details that help an attacker."""

import logging
from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from profiler import streams

log = logging.getLogger(__name__)


@never_cache
@require_safe
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 with {database, redis} `ok`; 503 when one of them does not answer."""
    state = {"database": _state(_ask_database), "redis": _state(_ask_redis)}
    return JsonResponse(state, status=200 if set(state.values()) == {"ok"} else 503)


def _state(ask: Callable[[], object]) -> str:
    try:
        ask()
    except (DatabaseError, RedisError, OSError) as error:
        log.warning("healthz: %s", error)
        return "unreachable"
    return "ok"


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_redis() -> None:
    streams.client().ping()
