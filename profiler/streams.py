"""The server's connection to Redis, and the text of its answers.

One client per process: redis-py's pools notice a fork. Asynchronous clients belong to an event loop, so consumers make
and close their own.
"""

from functools import cache

import redis
import redis.asyncio
from django.conf import settings

# A dead Redis must be an error on the page, not a page that hangs.
CONNECT_TIMEOUT_S = 3
# Redis pauses while it writes its log to a slow disk; a dead one does not even connect.
READ_TIMEOUT_S = 10


def client() -> "redis.Redis":
    return _client(settings.REDIS_URL)


def async_client() -> "redis.asyncio.Redis":
    """For the running event loop only; close it with `aclose`. It has no read timeout: its readers block."""
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=CONNECT_TIMEOUT_S, socket_timeout=None
    )


@cache
def _client(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_connect_timeout=CONNECT_TIMEOUT_S, socket_timeout=READ_TIMEOUT_S)
