"""Where the running kernel keeps a thread's user-space thread pointer."""

import contextlib
import functools
import hashlib
import json
from pathlib import Path

from profiler.agent import atomic
from profiler.agent.btf import Btf

# Holds the kernel's build id: another kernel has other notes.
_NOTES = Path("/sys/kernel/notes")
_CACHE_NAME = "kernel-offsets.json"


@functools.cache
def fsbase_offset(cache_directory: Path) -> int:
    """Bytes from the start of task_struct. Reading BTF takes a third of a second: kept per kernel. Raises BtfError."""
    cache = cache_directory / _CACHE_NAME
    kernel = hashlib.sha256(_NOTES.read_bytes()).hexdigest()
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return int(json.loads(cache.read_text())[kernel])
    offset = Btf.of_running_kernel().offset("task_struct", "thread.fsbase")
    with contextlib.suppress(OSError):  # only kept for the next start
        cache.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(cache, json.dumps({kernel: offset}).encode())
    return offset
