"""Memory that all feeds of a host take together: the agent may hold 150 MB, however many people watch."""

import threading

from profiler.core.errors import WebprofError

# The 60-second check watches eleven.
MAX_FEEDS = 16
# Kernel memory that counts as the host's, and, where the reader has looked at it, twice as the agent's.
MAX_RINGS_BYTES = 32 * 2**20
# 16,000 events of 64 bytes. Each feed that may come later finds at least so much.
LEAST_RING_BYTES = 2**20
# What waits for a Redis that is away, of all feeds; one alone may have a third of it (outbox.py).
MAX_WAITING_BYTES = 24 * 2**20


class NoRoomError(WebprofError):
    """The feeds of this host have all the memory that they may."""


class RingRoom:
    """Shared by all feeds of an agent. Sizes are powers of two, as the kernel's rings are."""

    def __init__(self, feeds: int = MAX_FEEDS, most: int = MAX_RINGS_BYTES, least: int = LEAST_RING_BYTES) -> None:
        self._feeds, self._most, self._least = feeds, most, least
        self._rings = self._bytes = 0
        self._lock = threading.Lock()

    def take(self, wanted: int) -> int:
        """`wanted` bytes, or what can be given when each feed that may come is to get its least. Raises NoRoomError."""
        with self._lock:
            later = max(0, self._feeds - 1 - self._rings) * self._least
            left = self._most - self._bytes - later
            if left < self._least:
                most = f"{self._most / 2**20:g} MB"
                raise NoRoomError(f"{self._rings} feeds have all {most} of memory for their rings: close one of them")
            size = min(wanted, 1 << (left.bit_length() - 1))
            self._rings, self._bytes = self._rings + 1, self._bytes + size
            return size

    def give_back(self, size: int) -> None:
        with self._lock:
            self._rings, self._bytes = self._rings - 1, self._bytes - size


class WaitingRoom:
    """Shared by the outboxes of all feeds."""

    def __init__(self, most: int = MAX_WAITING_BYTES) -> None:
        self._most = most
        self._bytes = 0
        self._lock = threading.Lock()

    def take(self, size: int, *, must: bool) -> bool:
        """Whether there is room; then it is taken. `must`: it is taken anyhow."""
        with self._lock:
            fits = must or self._bytes + size <= self._most
            self._bytes += size if fits else 0
            return fits

    def give_back(self, size: int) -> None:
        with self._lock:
            self._bytes -= size
