"""Control groups for tests: made where this machine lets us, taken away once they are empty."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


def mounts(kind: str) -> list[str]:
    """Where hierarchies of a kind (`cgroup2`, `cgroup`) are mounted."""
    rows = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    return [row[1] for row in rows if row[2] == kind]


def mount(kind: str) -> str:
    """The first one; skips the test where there is none."""
    found = mounts(kind)
    if not found:
        pytest.skip(f"no {kind} hierarchy on this machine")
    return found[0]


@contextmanager
def cgroup(mount: str, name: str = "") -> Iterator[tuple[str, Path]]:
    """A control group with one below it: the path of the first, the directory of the second."""
    name = name or f"webprof-test-{os.getpid()}-{threading.get_native_id()}"
    outer = Path(mount) / name
    inner = outer / "inner"
    above = [parent for parent in outer.parents if not parent.exists()]
    try:
        _make(inner)
    except OSError as error:
        pytest.skip(f"no control group can be made in {mount}: {error}")
    try:
        yield f"/{name}", inner
    finally:
        for directory in (inner, outer):
            _remove(directory)
        for directory in above:
            with suppress(OSError):  # another process has made a group there meanwhile
                directory.rmdir()


def _make(directory: Path) -> None:
    """Again when another process has taken away the directories above, which it had made."""
    for _ in range(10):
        with suppress(FileNotFoundError):
            directory.mkdir(parents=True)
            return
    raise FileNotFoundError(directory)


def _remove(directory: Path) -> None:
    """Once its processes are gone; a killed one leaves its group a moment later."""
    deadline = time.monotonic() + 5
    while directory.exists():
        try:
            directory.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
