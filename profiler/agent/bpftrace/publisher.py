"""What the agent says of a program while it runs. Failures cost who watches, not the program."""

import logging
import time
from collections.abc import Callable

import redis

from profiler.core.bpftrace.channel import BPFTRACE_STREAM, live_results_key
from profiler.core.bpftrace.results import ProgramReport, encode
from profiler.core.channel import LIVE_TTL_S

logger = logging.getLogger(__name__)

INTERVAL_S = 0.5
# Of one CPU: large maps are sent less often.
MAX_SHARE = 0.1


class LiveResults:
    """`nudge` is called when the state changed."""

    def __init__(self, client: redis.Redis, nudge: Callable[[], None]) -> None:
        self._client = client
        self._nudge = nudge
        self._next = 0.0

    def is_due(self) -> bool:
        return time.monotonic() >= self._next

    def show(self, report: ProgramReport) -> None:
        """All so far, for who watches now or later."""
        began = time.monotonic()
        try:
            pipe = self._client.pipeline(transaction=True)
            pipe.xadd(live_results_key(report.run), {"data": encode(report)}, maxlen=1, approximate=False)
            pipe.expire(live_results_key(report.run), LIVE_TTL_S)
            pipe.execute()
        except redis.RedisError as error:
            logger.warning("bpftrace run %s: not shown live: %s", report.run, error)
        now = time.monotonic()
        self._next = now + max(INTERVAL_S, (now - began) / MAX_SHARE)

    def announce(self, report: ProgramReport) -> None:
        """That the program begins: the server's list says so. Its end goes through the spool."""
        try:
            self._client.xadd(BPFTRACE_STREAM, {"data": encode(report)})
            self._nudge()
        except redis.RedisError as error:
            logger.warning("bpftrace run %s: its start was not told: %s", report.run, error)
