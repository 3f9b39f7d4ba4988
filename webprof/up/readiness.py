"""Is it there yet: Redis, the web server, this host's agent."""

import http.client
import urllib.error
import urllib.request

import redis

from profiler.core.channel import heartbeat_key

PROBE_TIMEOUT_S = 2


class RedisProbe:
    """Asks one Redis; `failure` says why the last question had no answer."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(url, socket_timeout=PROBE_TIMEOUT_S, socket_connect_timeout=PROBE_TIMEOUT_S)
        self.failure = ""

    def answers(self) -> bool:
        try:
            return bool(self._client.ping())
        except redis.RedisError as error:  # while it loads its data it answers with an error too
            self.failure = str(error)
            return False

    def forget_heartbeat(self, host: str) -> None:
        """An earlier start's heartbeat, kept by Redis, must not pass for this one's."""
        self._client.delete(heartbeat_key(host))

    def has_heartbeat(self, host: str) -> bool:
        return bool(self._client.exists(heartbeat_key(host)))


def web_answers(base_url: str) -> bool:
    """Whether `/healthz` says that the server and what it stands on are well."""
    try:
        with urllib.request.urlopen(f"{base_url}/healthz", timeout=PROBE_TIMEOUT_S) as response:  # noqa: S310 – our own http URL
            return bool(response.status == http.HTTPStatus.OK)
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return False
