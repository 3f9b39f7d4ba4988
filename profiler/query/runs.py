"""Runs, newest first."""

from profiler import access
from profiler.models import Run
from profiler.query.page import PAGE_SIZE, Page, paged


def list_runs(user: access.Visitor, *, host: str = "", page: int = 1, page_size: int = PAGE_SIZE) -> Page[Run]:
    """A constant number of queries; job, owner, host and profile are loaded."""
    found, host = access.runs(user), host.replace("\0", "")  # PostgreSQL knows no NUL in text
    return paged(found.filter(host_id=host) if host else found, page, page_size)
