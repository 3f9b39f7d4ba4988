"""Tracepoints of the running kernel, as tracefs lists them."""

import contextlib
import re
from pathlib import Path

TRACEFS = (Path("/sys/kernel/tracing"), Path("/sys/kernel/debug/tracing"))
_NAME = re.compile(r"\w+:\w+", re.ASCII)


def tracepoint_id(tracepoint: str) -> int | None:
    """The number that perf_event_open takes for a `category:event`; None where the kernel has none of that name.

    Raises ValueError for what is not of that form: no path is made of it.
    """
    if not _NAME.fullmatch(tracepoint):
        raise ValueError(f"{tracepoint[:60]!r} is no tracepoint: give category:event, such as block:block_rq_issue")
    for tracefs in TRACEFS:
        with contextlib.suppress(OSError, ValueError):
            return int((tracefs / "events" / tracepoint.replace(":", "/") / "id").read_text())
    return None


def has_tracepoint(tracepoint: str) -> bool:
    return tracepoint_id(tracepoint) is not None


def has_field(field: str) -> bool:
    """Whether a tracepoint's events have a field, given as `category:event.field`."""
    tracepoint, _, name = field.partition(".")
    for tracefs in TRACEFS:
        with contextlib.suppress(OSError):
            text = (tracefs / "events" / tracepoint.replace(":", "/") / "format").read_text()
            return re.search(rf"\b{re.escape(name)}(\[\d*\])?;", text) is not None
    return False


def events_of(category: str) -> list[str]:
    """Names of a category's events; none where there is no such category."""
    for tracefs in TRACEFS:
        with contextlib.suppress(OSError):
            return sorted(path.name for path in (tracefs / "events" / category).iterdir() if path.is_dir())
    return []
