"""Debug files, and what lacks one: in all profiles, and in one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.expressions import Combinable

from profiler import access
from profiler.models import HIDDEN_SAMPLES, DebugFile, UnnamedModule
from profiler.query.listing import searchable, sorted_by
from profiler.query.page import PAGE_SIZE, Page, paged

# What stands further down hides so little that nobody goes looking for it.
MAX_MISSING = 100
SORTS = {"name": F("name"), "state": F("state"), "size": F("size"), "time": F("created_at")}
DEFAULT_SORT = "-time"


@dataclass(frozen=True)
class DebugFileFilter:
    """What to list. `text` is looked for in name, build id and message; `sort` is one of SORTS, `-` for descending."""

    text: str = ""
    sort: str = DEFAULT_SORT
    page: int = 1
    page_size: int = PAGE_SIZE


@dataclass(frozen=True)
class MissingFile:
    """A build whose functions lack names. `value`: samples in whose stack one occurs, of one profile in its own unit;
    `profiles`: in how many.

    `answer` is what came of the last try to get it (from debuginfod), `asked_at` when; `has_file`: there is a debug
    file, but it does not know these addresses, or its names are still being filled in (`waiting`).
    """

    build_id: str
    module: str
    value: int
    profiles: int
    answer: str
    asked_at: datetime | None
    has_file: bool
    waiting: bool


def list_debug_files(user: access.Visitor, wanted: DebugFileFilter) -> Page[DebugFile]:
    """Ready ones, and those somebody sent lately that are being read or were refused. InvalidError: an unknown sort."""
    answers = Q(origin=DebugFile.Origin.DEBUGINFOD, state=DebugFile.State.REFUSED)
    found = access.debug_files(user).exclude(answers)
    if text := searchable(wanted.text):
        found = found.filter(Q(name__icontains=text) | Q(build_id__icontains=text) | Q(message__icontains=text))
    return paged(sorted_by(found, SORTS, wanted.sort), wanted.page, wanted.page_size)


def missing(user: access.Visitor) -> list[MissingFile]:
    """The files that hide most samples in all profiles, at most MAX_MISSING of them."""
    profiles = access.profiles(user).values("pk")
    return _missing(user, UnnamedModule.objects.filter(profile__in=profiles, left__gt=0), HIDDEN_SAMPLES)


def missing_in(user: access.Visitor, profile_id: str | UUID) -> list[MissingFile]:
    """The same, of one profile."""
    profile = access.profile(user, profile_id)
    return _missing(user, UnnamedModule.objects.filter(profile=profile, left__gt=0), Sum("left"))


def _missing(user: access.Visitor, rows: QuerySet[UnnamedModule], total: Combinable) -> list[MissingFile]:
    found = rows.values("build_id").annotate(
        name=Max("module"), total=total, profiles=Count("profile"), named=Count("debug_file")
    )
    wanted = list(found.order_by("-total", "-profiles", "build_id")[:MAX_MISSING])
    known = {
        (file.build_id, file.state): file
        for file in access.debug_files(user).filter(build_id__in=[row["build_id"] for row in wanted])
    }
    return [_row(row, known) for row in wanted]


def _row(row: Mapping[str, Any], known: Mapping[tuple[str, str], DebugFile]) -> MissingFile:
    build_id: str = row["build_id"]
    refused = known.get((build_id, DebugFile.State.REFUSED))
    has_file = (build_id, DebugFile.State.READY) in known
    return MissingFile(
        build_id=build_id,
        module=row["name"],
        value=row["total"],
        profiles=row["profiles"],
        answer=refused.message if refused else "",
        asked_at=refused.created_at if refused else None,
        has_file=has_file,
        waiting=has_file and row["named"] != row["profiles"],
    )
