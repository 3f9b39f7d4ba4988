"""Carries outcomes from the spool to Redis, one after the other, for as long as it takes."""

import logging
import threading
import time
from collections.abc import Callable

import redis

from profiler.agent.delivery.publisher import Backoff, BehindError, deliver
from profiler.agent.delivery.spool import Spool

logger = logging.getLogger(__name__)

# How often an idle courier looks whether it should end.
IDLE_S = 5.0
# A server that is behind takes a hundred profiles in that time.
BEHIND_S = 1.0


class Courier:
    """A thread. `nudge` is called after each outcome that Redis accepted."""

    def __init__(self, spool: Spool, client: redis.Redis, nudge: Callable[[], None]) -> None:
        self._spool = spool
        self._client = client
        self._nudge = nudge
        self._backoff = Backoff()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Try to empty the spool for `timeout_s`; what is left is sent after the next start."""
        deadline = time.monotonic() + timeout_s
        while len(self._spool) and time.monotonic() < deadline:
            time.sleep(0.05)
        self._stopping.set()
        self._spool.filled.set()
        self._thread.join(max(0.0, deadline - time.monotonic()) + 1)
        if len(self._spool):
            logger.warning("%d outcomes not sent; they are in the spool", len(self._spool))

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._spool.filled.wait(IDLE_S) and not self._stopping.is_set():
                self._send_oldest()

    def _send_oldest(self) -> None:
        waiting = self._spool.oldest()
        if waiting is None:
            return
        entry, outcome = waiting
        try:
            deliver(self._client, outcome)
        except BehindError:
            self._stopping.wait(BEHIND_S)
            return
        except redis.RedisError as error:
            delay = self._backoff.failed()
            logger.warning("%s not delivered, again in %.1f s: %s", outcome, delay, error)
            self._stopping.wait(delay)
            return
        self._backoff.reset()
        self._spool.remove(entry)
        logger.log(logging.INFO if outcome.report else logging.DEBUG, "%s delivered", outcome)
        # A backlog needs one nudge, not thousands.
        if outcome.report or not len(self._spool):
            self._nudge()
