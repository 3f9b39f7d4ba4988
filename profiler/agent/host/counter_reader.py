"""The counters of /proc, each second: files are opened once, because opening takes longer than reading most of them."""

import logging
import os
import time
from pathlib import Path

from profiler.agent.host.system import PROC
from profiler.core.counters import Reading
from profiler.core.proc_files import FILES, Values

logger = logging.getLogger(__name__)

_CHUNK = 1 << 16


class CounterReader:
    """Of one thread. What this kernel doesn't have, or what can't be read, is left out of the readings."""

    def __init__(self, proc: Path = PROC) -> None:
        self._files: dict[str, int] = {}
        for name in FILES:
            try:
                self._files[name] = os.open(proc / name, os.O_RDONLY | os.O_CLOEXEC)
            except OSError as error:
                logger.info("counters: %s is not read: %s", proc / name, error)

    def read(self) -> Reading:
        at_ns, clock_ns = time.time_ns(), time.monotonic_ns()
        values: Values = {}
        for name in tuple(self._files):
            values |= self._parsed(name)
        return Reading(at_ns, clock_ns, values)

    def _parsed(self, name: str) -> Values:
        try:
            return FILES[name](_whole(self._files[name]))
        except (OSError, ValueError, LookupError) as error:
            logger.warning("counters: %s is not read any more: %s", name, error)
            os.close(self._files.pop(name))
            return {}

    def close(self) -> None:
        for file in self._files.values():
            os.close(file)
        self._files.clear()


def _whole(file: int) -> bytes:
    """The kernel gives some files a page at a time."""
    parts, at = [], 0
    while part := os.pread(file, _CHUNK, at):
        parts.append(part)
        at += len(part)
    return b"".join(parts)
