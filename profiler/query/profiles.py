"""The list of profiles: filter, sort, page, delete."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from profiler import access
from profiler.models import StoredProfile
from profiler.query.listing import searchable, sorted_by
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
    """What to list. `text` is looked for in title, host and kind; `source` is `recording` or a format's name; `kind` is
    a probe's name, or what an uploaded file says.

    `since` and `until` bound the time of recording (of upload, where that is unknown). `sort` is a key of SORTS, with
    `-` for descending.
    """

    text: str = ""
    host: str = ""
    source: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    sort: str = DEFAULT_SORT
    page: int = 1
    page_size: int = PAGE_SIZE


def list_profiles(user: access.Visitor, wanted: ProfileFilter) -> Page[StoredProfile]:
    """A constant number of queries; owner and host are loaded. Raises InvalidError for an unknown sort."""
    found = access.profiles(user)
    return paged(sorted_by(_filtered(found, wanted), SORTS, wanted.sort), wanted.page, wanted.page_size)


def sources(user: access.Visitor) -> list[str]:
    """The sources that occur, for the filter's choices."""
    return list(access.profiles(user).order_by("source").values_list("source", flat=True).distinct())


def kinds(user: access.Visitor) -> list[str]:
    """The kinds that occur."""
    return list(access.profiles(user).order_by("kind").values_list("kind", flat=True).distinct())


def delete_profile(user: access.Visitor, profile_id: str | UUID) -> None:
    """Delete a profile with its data and share links; its run stays, without one."""
    access.changeable_profile(user, profile_id).delete()


def _filtered(found: QuerySet[StoredProfile], wanted: ProfileFilter) -> QuerySet[StoredProfile]:
    if text := searchable(wanted.text):
        found = found.filter(Q(title__icontains=text) | Q(host__id__icontains=text) | Q(kind__iexact=text))
    if wanted.host:
        found = found.filter(host_id=searchable(wanted.host))
    if wanted.source:
        found = found.filter(source=searchable(wanted.source))
    if wanted.kind:
        found = found.filter(kind=searchable(wanted.kind))
    if wanted.since:
        found = found.filter(time__gte=wanted.since)
    if wanted.until:
        found = found.filter(time__lt=wanted.until)
    return found
