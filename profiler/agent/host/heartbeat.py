"""Tells the server every few seconds that this host is there, and what is on it."""

import logging
import threading
from collections.abc import Callable

import redis

from profiler.core import inventory
from profiler.core.channel import HEARTBEAT_INTERVAL_S, HEARTBEAT_TTL_S, HOSTS_STREAM, HOSTS_STREAM_CAP, heartbeat_key

logger = logging.getLogger(__name__)


class Heartbeat:
    """A thread that outlives every failure: a host whose Redis comes back must appear again by itself."""

    def __init__(self, host: str, client: redis.Redis, read: Callable[[], inventory.Inventory]) -> None:
        self._host = host
        self._client = client
        self._read = read
        self._ended = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Stop, and say that the host is gone instead of letting its key expire."""
        self._ended.set()
        self._thread.join(timeout_s)
        try:
            pipe = self._client.pipeline(transaction=True)
            pipe.delete(heartbeat_key(self._host))
            pipe.xadd(HOSTS_STREAM, {"host": self._host}, maxlen=HOSTS_STREAM_CAP)
            pipe.execute()
        except redis.RedisError as error:
            logger.warning("heartbeat not withdrawn, it expires in %d s: %s", HEARTBEAT_TTL_S, error)

    def _run(self) -> None:
        while True:
            self._beat()
            if self._ended.wait(HEARTBEAT_INTERVAL_S):
                return

    def _beat(self) -> None:
        try:
            data = inventory.encode(self._read())
            pipe = self._client.pipeline(transaction=True)
            pipe.set(heartbeat_key(self._host), data, ex=HEARTBEAT_TTL_S)
            pipe.xadd(HOSTS_STREAM, {"host": self._host}, maxlen=HOSTS_STREAM_CAP)
            pipe.execute()
        except redis.RedisError as error:
            self._tell(f"heartbeat not sent: {error}")
        except Exception:
            logger.exception("heartbeat not made")
        else:
            self._tell("")

    def _tell(self, failure: str) -> None:
        """Log the change, not each of a thousand failures while Redis is away."""
        if failure and not self._failing:
            logger.warning("%s; trying again every %d s", failure, HEARTBEAT_INTERVAL_S)
        if not failure and self._failing:
            logger.warning("heartbeats are sent again")
        self._failing = bool(failure)
