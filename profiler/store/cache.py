"""A least-recently-used cache that is bounded by bytes, not entries: profiles differ in size by a factor of 10,000."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ByteCache(Generic[K, V]):
    """Thread-safe. A value that alone is over the bound is returned but not kept."""

    def __init__(self, max_bytes: int, size: Callable[[V], int]) -> None:
        self._max_bytes, self._size = max_bytes, size
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    @property
    def bytes(self) -> int:
        return self._bytes

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of `key`, made when it is not there. Two threads at once may both make it; one is kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key][0]
        value = make()
        with self._lock:
            self._put(key, value)
        return value

    def peek(self, key: K) -> V | None:
        """The value of `key`, if it is there."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def drop(self, key: K) -> None:
        """Forget `key`."""
        with self._lock:
            _, freed = self._values.pop(key, (None, 0))
            self._bytes -= freed

    def _put(self, key: K, value: V) -> None:
        size = self._size(value)
        if key in self._values or size > self._max_bytes:
            return
        self._values[key] = (value, size)
        self._bytes += size
        while self._bytes > self._max_bytes:
            _, (_, freed) = self._values.popitem(last=False)
            self._bytes -= freed
