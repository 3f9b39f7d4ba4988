"""Threads that wait for an object store, so that one slow answer is not waited for after the other."""

import os
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

# Each holds a piece of an object (bucket.PIECE) in memory.
THREADS = 8

K = TypeVar("K", bound=Hashable)


class Workers(Generic[K]):
    """What is asked for while it is being done is done once. Threads are made at first use, and anew after a fork."""

    def __init__(self) -> None:
        self._pools: dict[int, tuple[ThreadPoolExecutor, dict[K, Future[None]]]] = {}
        self._lock = Lock()

    def start(self, key: K, work: Callable[[], None]) -> "Future[None]":
        """Done in a thread; its error is the future's."""
        with self._lock:
            pool, running = self._mine()
            if key in running:
                return running[key]
            future = running[key] = pool.submit(work)
        future.add_done_callback(lambda _: self._done(running, key))
        return future

    def _done(self, running: "dict[K, Future[None]]", key: K) -> None:
        with self._lock:
            running.pop(key, None)

    def _mine(self) -> "tuple[ThreadPoolExecutor, dict[K, Future[None]]]":
        pid = os.getpid()
        if pid not in self._pools:
            self._pools[pid] = ThreadPoolExecutor(THREADS, "objects"), {}
        return self._pools[pid]
