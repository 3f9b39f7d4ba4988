"""The last minutes of samples, compressed, in bounded memory."""

import threading
from collections import deque
from dataclasses import dataclass

# Five minutes of two busy CPUs at 19 Hz take half a megabyte; this is a large host, or one where every stack is new.
MAX_BYTES = 32 * 2**20


@dataclass(frozen=True)
class Part:
    """Some seconds of samples: an encoded profile, and its time (Unix ns)."""

    start_ns: int
    end_ns: int
    data: bytes


class FlightBuffer:
    """Parts in the order of time; the oldest leave when they are too old, or when all take too much. Thread-safe.

    `dropped` counts the parts that left for want of memory, before their time.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._parts: deque[Part] = deque()
        self._lock = threading.Lock()
        self.bytes = 0
        self.dropped = 0

    def add(self, part: Part, keep_ns: int) -> None:
        """Keep a part, and of those before it what is no older than `keep_ns` at its end."""
        with self._lock:
            while self._parts and self._parts[0].end_ns <= part.end_ns - keep_ns:
                self._drop_oldest()
            self._parts.append(part)
            self.bytes += len(part.data)
            while self.bytes > self._max_bytes:
                self._drop_oldest()
                self.dropped += 1

    def since(self, from_ns: int) -> list[Part]:
        """The parts that end after a time, oldest first."""
        with self._lock:
            return [part for part in self._parts if part.end_ns > from_ns]

    def held_ns(self) -> int:
        """From the start of the oldest part to the end of the newest."""
        with self._lock:
            return self._parts[-1].end_ns - self._parts[0].start_ns if self._parts else 0

    def end_ns(self) -> int:
        """Of the newest part; 0 without any."""
        with self._lock:
            return self._parts[-1].end_ns if self._parts else 0

    def clear(self) -> None:
        with self._lock:
            self._parts.clear()
            self.bytes = 0

    def _drop_oldest(self) -> None:
        self.bytes -= len(self._parts.popleft().data)
