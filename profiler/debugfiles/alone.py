"""Work that one worker does for all: a second one that is asked goes home."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis.exceptions import LockError

from profiler import streams


@contextmanager
def alone(name: str, longest_s: float) -> Iterator[bool]:
    """Whether this process is the only one at work on `name`, for as long as the block lasts but not over `longest_s`.

    The limit is for a worker that was killed: its lock must not stay. Raises RedisError.
    """
    lock = streams.client().lock(f"webprof:alone:{name}", timeout=longest_s)
    mine = lock.acquire(blocking=False)
    try:
        yield mine
    finally:
        if mine:
            with suppress(LockError):  # it took longer than it may: somebody else has the lock
                lock.release()
