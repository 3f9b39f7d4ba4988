"""How this process's memory allocator gives memory back."""

import contextlib
import ctypes
import gc
import logging

logger = logging.getLogger(__name__)

# From glibc's malloc.h.
_M_MMAP_THRESHOLD = -3
# Arrays and files read whole are larger, Python's own objects smaller.
LARGE_BYTES = 256 << 10


def return_large_blocks() -> None:
    """Blocks of LARGE_BYTES and more are mapped by themselves, and go back to the kernel when they are freed.

    By itself glibc raises that size to the largest block ever freed (up to 32 MiB); after the first symbol table
    everything lies in heaps that hardly shrink. Measured while recording a whole system: 77 instead of 108 MiB.
    """
    try:
        done = ctypes.CDLL(None)["mallopt"](_M_MMAP_THRESHOLD, LARGE_BYTES)
    except AttributeError:  # another C library than glibc
        done = 0
    if not done:
        logger.info("the C library has no mallopt: this process may hold more memory than it uses")


def give_back_memory() -> None:
    """Symbols leave a heap full of holes; glibc keeps them."""
    gc.collect()
    with contextlib.suppress(AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
