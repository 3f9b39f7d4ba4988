"""Entries of one feed on their way into its stream: in order, each once, and never more of them than there is room for.

Each entry is given its id here, so that one whose answer got lost can be sent again: a stream takes no id twice.
"""

import logging
import threading
import time
from collections import deque
from typing import cast

import redis

from profiler.agent.delivery.publisher import Backoff
from profiler.agent.probes.room import WaitingRoom
from profiler.core.feed_channel import MAX_ENTRIES, STREAM_TTL_S

logger = logging.getLogger(__name__)

# Eight seconds of 200,000 events a second; feeds that show thousands a second hold minutes.
MAX_WAITING_BYTES = 8 * 2**20
# Ten minutes of 50,000 events a second: a busier feed's stream goes back less far.
MAX_STREAM_BYTES = 64 * 2**20
_NOT_NEWER = "equal or smaller"

Fields = dict[str, bytes]


class Outbox:
    """A thread. Used by one other. `room`: shared with other outboxes, its own if it is left out."""

    def __init__(self, client: redis.Redis, key: str, room: WaitingRoom | None = None) -> None:
        self._client = client
        self._key = key
        self._waiting: deque[Fields] = deque()
        self._waiting_bytes = 0
        self._room = room or WaitingRoom()
        self._changed = threading.Condition()
        self._ended = False
        self._sizes: deque[int] = deque()
        self._full = False
        self._last = (0, 0)
        self._thread = threading.Thread(target=self._run, name="feed-outbox", daemon=True)
        self._thread.start()

    def put(self, fields: Fields) -> bool:
        """False, and nothing is kept of it, when Redis has not taken what waits."""
        size = _size(fields)
        with self._changed:
            # The first one always fits: what ends a feed, and why, is told however much others have waiting.
            if self._waiting and self._waiting_bytes + size > MAX_WAITING_BYTES:
                return False
            if not self._room.take(size, must=not self._waiting):
                return False
            self._waiting.append(fields)
            self._waiting_bytes += size
            self._changed.notify()
        return True

    def end(self, timeout_s: float) -> None:
        """What waits is sent unless Redis refuses; at most so long is waited for that."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        self._send_all()
        with self._changed:
            self._room.give_back(self._waiting_bytes)
            self._waiting_bytes = 0

    def _send_all(self) -> None:
        """Until the end, and then all that waits, unless Redis refuses."""
        backoff = Backoff()
        while (fields := self._oldest()) is not None:
            entry = self._new_id()
            while not self._sent(entry, fields):
                if self._wait_for_the_end(backoff.failed()):
                    return
            backoff.reset()
            with self._changed:
                self._waiting.popleft()
                self._waiting_bytes -= _size(fields)
                self._room.give_back(_size(fields))

    def _oldest(self) -> Fields | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            return self._waiting[0] if self._waiting else None

    def _wait_for_the_end(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._ended, seconds)

    def _sent(self, entry: str, fields: Fields) -> bool:
        try:
            self._add(entry, fields)
        except redis.ResponseError as error:
            if _NOT_NEWER not in str(error):
                logger.warning("%s: entry refused: %s", self._key, error)
                return False
            return self._is_there(entry, fields)
        except redis.RedisError as error:
            logger.warning("%s: entry not written: %s", self._key, error)
            return False
        return True

    def _is_there(self, entry: str, fields: Fields) -> bool:
        """An entry that is refused as not newer was taken before, or the clock went back since the newest one."""
        try:
            if self._client.xrange(self._key, entry, entry):
                return True
            newest = cast("list[tuple[bytes, object]]", self._client.xrevrange(self._key, count=1))
            self._last = max(_parts(id_.decode()) for id_, _ in newest)
            self._add(self._new_id(), fields)
        except redis.RedisError as error:
            logger.warning("%s: entry not written: %s", self._key, error)
            return False
        return True

    def _add(self, entry: str, fields: Fields) -> None:
        pipe = self._client.pipeline(transaction=False)
        pipe.xadd(self._key, fields, id=entry, maxlen=self._room_for(fields), approximate=True)  # type: ignore[arg-type]
        pipe.expire(self._key, STREAM_TTL_S)
        pipe.execute()
        self._sizes.append(_size(fields))

    def _room_for(self, fields: Fields) -> int:
        """How many entries the stream may hold: as many as fit into its bytes."""
        while self._sizes and (sum(self._sizes) + _size(fields) > MAX_STREAM_BYTES or len(self._sizes) >= MAX_ENTRIES):
            self._sizes.popleft()
            self._full = True
        return len(self._sizes) + 1 if self._full else MAX_ENTRIES

    def _new_id(self) -> str:
        milliseconds, number = self._last
        now = time.time_ns() // 1_000_000
        self._last = (now, 0) if now > milliseconds else (milliseconds, number + 1)
        return "{}-{}".format(*self._last)


def _size(fields: Fields) -> int:
    return sum(map(len, fields.values()))


def _parts(entry: str) -> tuple[int, int]:
    milliseconds, _, number = entry.partition("-")
    return int(milliseconds), int(number)
