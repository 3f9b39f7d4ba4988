"""The list of profiles: filter, sort, page, delete."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from profiler import access
from profiler.errors import InvalidError
from profiler.models import StoredProfile
from profiler.query.page import PAGE_SIZE, Page, paged

SORTS = {
    "time": F("time"),
    "title": F("title"),
    "host": F("host_id"),
    "samples": F("samples"),
    "duration": F("duration_s"),
}
DEFAULT_SORT = "-time"


@dataclass(frozen=True)
class ProfileFilter:
    """What to list. `text` is looked for in title, host and kind; `source` is `recording` or a format's name.

    `since` and `until` bound the time of recording (of upload, where that is unknown). `sort` is a key of SORTS, with
    `-` for descending.
    """

    text: str = ""
    host: str = ""
    source: str = ""
    since: datetime | None = None
    until: datetime | None = None
    sort: str = DEFAULT_SORT
    page: int = 1
    page_size: int = PAGE_SIZE


def list_profiles(user: access.Visitor, wanted: ProfileFilter) -> Page[StoredProfile]:
    """A constant number of queries; owner and host are loaded. Raises InvalidError for an unknown sort."""
    found = access.profiles(user)
    return paged(_sorted(_filtered(found, wanted), wanted.sort), wanted.page, wanted.page_size)


def sources(user: access.Visitor) -> list[str]:
    """The sources that occur, for the filter's choices."""
    return list(access.profiles(user).order_by("source").values_list("source", flat=True).distinct())


def delete_profile(user: access.Visitor, profile_id: str | UUID) -> None:
    """Delete a profile with its data and share links; its run stays, without one."""
    access.changeable_profile(user, profile_id).delete()


def _filtered(found: QuerySet[StoredProfile], wanted: ProfileFilter) -> QuerySet[StoredProfile]:
    if text := _searchable(wanted.text):
        found = found.filter(Q(title__icontains=text) | Q(host__id__icontains=text) | Q(kind__iexact=text))
    if wanted.host:
        found = found.filter(host_id=_searchable(wanted.host))
    if wanted.source:
        found = found.filter(source=_searchable(wanted.source))
    if wanted.since:
        found = found.filter(time__gte=wanted.since)
    if wanted.until:
        found = found.filter(time__lt=wanted.until)
    return found


def _searchable(text: str) -> str:
    """PostgreSQL knows no NUL in text, and refuses a query that has one."""
    return text.replace("\0", "").strip()


def _sorted(found: QuerySet[StoredProfile], sort: str) -> QuerySet[StoredProfile]:
    key = SORTS.get(sort.removeprefix("-"))
    if key is None:
        raise InvalidError(f"sort: {sort[:64]!r} is not one of {', '.join(SORTS)} (with - for descending)", "sort")
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    return found.order_by(order, "-id")
