"""How this process's memory allocator gives memory back."""

import contextlib
import ctypes
import gc
import logging

logger = logging.getLogger(__name__)

# From glibc's malloc.h.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
# Arrays and files read whole are larger, Python's own objects smaller.
LARGE_BYTES = 256 << 10


def return_freed_memory() -> None:
    """Call it before there are threads. Without it the process keeps what it needed once.

    Blocks of LARGE_BYTES and more are mapped by themselves, and go back to the kernel when they are freed. By itself
    glibc raises that size to the largest block ever freed (up to 32 MiB). And all threads share one heap: each with its
    own leaves as many half empty ones, and Python runs one thread at a time anyway. Measured while recording a whole
    system: 110 instead of 138 MiB.
    """
    try:
        mallopt = ctypes.CDLL(None)["mallopt"]
        done = mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES) and mallopt(_M_ARENA_MAX, 1)
    except AttributeError:  # another C library than glibc
        done = 0
    if not done:
        logger.info("the C library has no mallopt: this process may hold more memory than it uses")


def keep_what_is_loaded() -> None:
    """Call it once, when all modules are imported. What they are made of stays: the collector need not look at it
    again, and what importing took beside it, 6 MiB, goes back.
    """
    give_back_memory()
    gc.freeze()


def give_back_memory() -> None:
    """Symbols leave a heap full of holes; glibc keeps them. Takes some milliseconds."""
    gc.collect()
    with contextlib.suppress(AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
