"""Debug files: what there is, what is missing, send one, delete one."""

from uuid import UUID

from django.http import HttpRequest
from ninja import File, Router, Status, UploadedFile

from profiler import access
from profiler.api.schemas import DebugFileOut, MissingFileOut, PageOut
from profiler.debugfiles.intake import delete as delete_file
from profiler.debugfiles.intake import receive
from profiler.query.debug_files import DebugFileFilter, list_debug_files
from profiler.query.debug_files import missing as list_missing
from profiler.query.page import PAGE_SIZE

router = Router(tags=["debug files"])


@router.get("", response=PageOut[DebugFileOut], summary="Debug files, newest first")
def debug_files(request: HttpRequest, page: int = 1, page_size: int = PAGE_SIZE) -> PageOut[DebugFileOut]:
    found = list_debug_files(request.user, DebugFileFilter(page=page, page_size=page_size))
    items = [DebugFileOut.of(file) for file in found.items]
    return PageOut[DebugFileOut](items=items, page=found.number, pages=found.pages, total=found.total)


@router.post("", response={202: DebugFileOut}, summary="Send a program, a library or its debug file (ELF)")
def upload(request: HttpRequest, file: File[UploadedFile]) -> Status[DebugFileOut]:
    return Status(202, DebugFileOut.of(receive(request.user, file.name or "", file.chunks())))


@router.get(
    "/missing", response=list[MissingFileOut], summary="The files whose functions lack names, most samples first"
)
def missing(request: HttpRequest) -> list[MissingFileOut]:
    return [MissingFileOut.of(each) for each in list_missing(request.user)]


@router.get("/{file_id}", response=DebugFileOut, summary="One debug file: whether it is ready, or why not")
def debug_file(request: HttpRequest, file_id: UUID) -> DebugFileOut:
    return DebugFileOut.of(access.debug_file(request.user, file_id))


@router.delete("/{file_id}", response={204: None}, summary="Delete a debug file and the names it gave")
def delete(request: HttpRequest, file_id: UUID) -> Status[None]:
    delete_file(request.user, file_id)
    return Status(204, None)
