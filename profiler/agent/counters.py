"""Reads the host's counters each second, and sends them, always: nobody has to ask.

What Redis does not take waits here, as much as Redis itself would have kept; what is older is lost and counted.
"""

import logging
import threading
import time
from collections import deque

import redis

from profiler.agent.delivery.publisher import Backoff
from profiler.agent.host.counter_reader import CounterReader
from profiler.core.channel import COUNTERS_INTERVAL_S, COUNTERS_TTL_S, MAX_COUNTER_ENTRIES, counters_key
from profiler.core.counter_batch import CounterBatch, encode
from profiler.core.counters import Reading, Row, difference

logger = logging.getLogger(__name__)

SECOND_S = 1.0
# Of a backlog at once, so that a slow line shows progress.
ENTRIES_AT_ONCE = 100


class Backlog:
    """Encoded batches that were not sent yet, oldest first; `lost_s` counts rows of those that it had no room for."""

    def __init__(self, most: int = MAX_COUNTER_ENTRIES) -> None:
        self._waiting: deque[tuple[bytes, int]] = deque()
        self._most = most
        self._lock = threading.Lock()
        self.filled = threading.Event()
        self.lost_s = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, data: bytes, rows: int) -> None:
        with self._lock:
            if len(self._waiting) == self._most:
                self.lost_s += self._waiting.popleft()[1]
            self._waiting.append((data, rows))
        self.filled.set()

    def oldest(self) -> list[bytes]:
        with self._lock:
            self.filled.clear()
            return [data for data, _ in list(self._waiting)[:ENTRIES_AT_ONCE]]

    def sent(self, data: list[bytes]) -> None:
        """Those that are still here: some may have been lost meanwhile."""
        with self._lock:
            for one in data:
                if self._waiting and self._waiting[0][0] is one:
                    self._waiting.popleft()
            if self._waiting:
                self.filled.set()


class Counters:
    """Two threads: one must be there each second, the other one waits for Redis."""

    def __init__(self, host: str, client: redis.Redis) -> None:
        self._host = host
        self._client = client
        self._backlog = Backlog()
        self._ended = threading.Event()
        names = (("counters", self._read), ("counters sender", self._send))
        self._threads = [threading.Thread(target=run, name=name, daemon=True) for name, run in names]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float) -> None:
        self._ended.set()
        self._backlog.filled.set()
        for thread in self._threads:
            thread.join(timeout_s)

    def _read(self) -> None:
        reader = CounterReader()
        before, rows = reader.read(), list[Row]()
        while not self._ended.wait(_until_next_second()):
            try:
                before = self._look(reader, before, rows)
            except Exception:
                logger.exception("counters not read")
        reader.close()

    def _look(self, reader: CounterReader, before: Reading, rows: list[Row]) -> Reading:
        now = reader.read()
        row = difference(before, now)
        if row is not None:
            rows.append(row)
        if len(rows) >= COUNTERS_INTERVAL_S:
            self._backlog.put(encode(CounterBatch.of(self._host, rows, self._backlog.lost_s)), len(rows))
            rows.clear()
        return now

    def _send(self) -> None:
        backoff = Backoff()
        while not self._ended.is_set():
            self._backlog.filled.wait()
            waiting = self._backlog.oldest()
            if not waiting:
                continue
            try:
                self._put(waiting)
            except redis.RedisError as error:
                delay = backoff.failed()
                logger.debug("counters not sent, again in %.1f s: %s", delay, error)
                self._backlog.filled.set()
                self._ended.wait(delay)
            else:
                backoff.reset()
                self._backlog.sent(waiting)

    def _put(self, waiting: list[bytes]) -> None:
        key = counters_key(self._host)
        pipe = self._client.pipeline(transaction=True)
        for data in waiting:
            pipe.xadd(key, {"data": data}, maxlen=MAX_COUNTER_ENTRIES)
        pipe.expire(key, COUNTERS_TTL_S)
        pipe.execute()


def _until_next_second() -> float:
    """Rows that end with a second of the clock are each of one second."""
    return SECOND_S - time.time() % SECOND_S
