"""Profiles: list, read, send, delete, share, note."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import Field

from profiler import access
from profiler.api.html_file import profile_file
from profiler.api.notes import NoteIn, NoteOut
from profiler.api.quality_schemas import ReportOut
from profiler.api.responses import folded_response, tree_response
from profiler.api.schemas import (
    HeatmapOut,
    MissingFileOut,
    NewShareOut,
    PageOut,
    ProfileOut,
    ShareIn,
    ShareOut,
    UploadOut,
)
from profiler.core.cut import Which
from profiler.core.heatmap import DEFAULT_ROWS
from profiler.ingest.upload import receive
from profiler.notes import add_note, notes_of
from profiler.query.debug_files import missing_in
from profiler.query.heatmap import heatmap as query_heatmap
from profiler.query.page import PAGE_SIZE
from profiler.query.parts import MAX_SPANS
from profiler.query.profiles import DEFAULT_SORT, ProfileFilter, delete_profile, list_profiles
from profiler.query.tree import Detail
from profiler.sharing import create_share, shares_of

router = Router(tags=["profiles"])


class FilterIn(Schema):
    """See profiler.query.profiles.ProfileFilter."""

    text: str = ""
    host: str = ""
    source: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    sort: str = DEFAULT_SORT
    page: int = 1
    page_size: int = PAGE_SIZE


class TreeIn(Schema):
    """`group`: comm, pid, tid, cgroup, container, unit, with commas; `from` and `to`: seconds after the start.

    `at=1.5-2`, once for each: several parts of the time; with `base=` what they are compared with, as a diff. A part
    may be of one row of the heat map: `at=1.5-2@cpu:CPU 3`, `at=@thread:web 813`, `at=@process:web 800`.

    `stacks`: all, those that are whole, or those that are cut: their outermost callers are missing. `detail`: all, or
    an overview: of a large tree the nodes that a whole picture shows.
    """

    group: str | None = None
    from_: str | None = Field(None, alias="from")
    to: str | None = None
    stacks: Which = "all"
    detail: Detail = "all"
    at: list[str] = Field([], max_length=MAX_SPANS)
    base: list[str] = Field([], max_length=MAX_SPANS)


@router.get("", response=PageOut[ProfileOut], summary="Profiles: filter, sort, page")
def profiles(request: HttpRequest, wanted: Query[FilterIn]) -> PageOut[ProfileOut]:
    found = list_profiles(request.user, ProfileFilter(**wanted.model_dump()))
    items = [ProfileOut.of(profile) for profile in found.items]
    return PageOut[ProfileOut](items=items, page=found.number, pages=found.pages, total=found.total)


@router.post("", response={202: UploadOut}, summary="Send a file of profiles: folded stacks or `perf script` text")
def upload(request: HttpRequest, file: File[UploadedFile], title: Form[str] = "") -> Status[UploadOut]:
    return Status(202, UploadOut.of(receive(request.user, file.name or "", file.chunks(), title)))


@router.get("/{profile_id}", response=ProfileOut, summary="One profile's facts")
def profile(request: HttpRequest, profile_id: UUID) -> ProfileOut:
    return ProfileOut.of(access.profile(request.user, profile_id))


@router.get("/{profile_id}/quality", response=ReportOut, summary="How far it can be trusted, and what would help")
def quality(request: HttpRequest, profile_id: UUID) -> ReportOut:
    return ReportOut.of(access.profile(request.user, profile_id))


@router.delete("/{profile_id}", response={204: None}, summary="Delete a profile and its share links")
def delete(request: HttpRequest, profile_id: UUID) -> Status[None]:
    delete_profile(request.user, profile_id)
    return Status(204, None)


@router.get("/{profile_id}/tree", summary="The tree a flame graph draws (binary, see docs/architecture.md)")
def tree(request: HttpRequest, profile_id: UUID, wanted: Query[TreeIn]) -> HttpResponse:
    return tree_response(request, access.profile(request.user, profile_id))


@router.get(
    "/{profile_id}/heatmap", response=HeatmapOut, summary="When its samples were taken: seconds and their parts"
)
def heatmap(request: HttpRequest, profile_id: UUID, rows: int = DEFAULT_ROWS) -> HeatmapOut:
    return HeatmapOut(**query_heatmap(access.profile(request.user, profile_id), rows))


@router.get("/{profile_id}/folded", summary="Folded stacks, as flamegraph.pl reads them")
def folded(request: HttpRequest, profile_id: UUID, group: str | None = None) -> HttpResponse:
    return folded_response(access.profile(request.user, profile_id), group)


class HtmlIn(Schema):
    """As of a tree; `opens`: what it shows first, the query string of a profile's page."""

    group: str | None = None
    stacks: Which = "all"
    at: list[str] = Field([], max_length=MAX_SPANS)
    base: list[str] = Field([], max_length=MAX_SPANS)
    opens: str = ""


@router.get("/{profile_id}/html", summary="One HTML file with the viewer and the profile, which works offline")
def html(request: HttpRequest, profile_id: UUID, wanted: Query[HtmlIn]) -> HttpResponse:
    return profile_file(request, access.profile(request.user, profile_id))


@router.get(
    "/{profile_id}/missing", response=list[MissingFileOut], summary="The files whose functions lack names in it"
)
def missing(request: HttpRequest, profile_id: UUID) -> list[MissingFileOut]:
    return [MissingFileOut.of(each) for each in missing_in(request.user, profile_id)]


@router.get("/{profile_id}/shares", response=list[ShareOut], summary="The live share links of a profile")
def shares(request: HttpRequest, profile_id: UUID) -> list[ShareOut]:
    return [ShareOut.of(share) for share in shares_of(request.user, profile_id)]


@router.post("/{profile_id}/shares", response={201: NewShareOut}, summary="Make a link that needs no login")
def share(request: HttpRequest, profile_id: UUID, wanted: ShareIn) -> Status[NewShareOut]:
    return Status(201, NewShareOut.with_secret(*create_share(request.user, profile_id, wanted.view_state, wanted.days)))


@router.get("/{profile_id}/notes", response=list[NoteOut], summary="Notes on its functions, the oldest first")
def notes(request: HttpRequest, profile_id: UUID) -> list[NoteOut]:
    may_change = access.note_changer(request.user)
    return [NoteOut.of(note, may_change) for note in notes_of(request.user, profile_id)]


@router.post("/{profile_id}/notes", response={201: NoteOut}, summary="Write a note on a function: operators")
def note(request: HttpRequest, profile_id: UUID, wanted: NoteIn) -> Status[NoteOut]:
    added = add_note(request.user, profile_id, **wanted.model_dump())
    return Status(201, NoteOut.of(added, access.note_changer(request.user)))
