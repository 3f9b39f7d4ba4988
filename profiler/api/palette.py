"""What the command palette asks."""

from django.http import HttpRequest
from ninja import Router, Schema

from profiler.query import palette

router = Router(tags=["find"])


class FoundOut(Schema):
    """`kind` is page, host or profile; `marks` are the places of `title` that fit; `path` is where it is."""

    kind: str
    title: str
    detail: str
    path: str
    marks: list[int]
    at: str


@router.get("", response=list[FoundOut], summary="Pages, hosts and profiles by a few letters of their names")
def find(request: HttpRequest, q: str = "") -> list[FoundOut]:
    return [FoundOut.model_validate({**vars(one), "marks": list(one.marks)}) for one in palette.find(request.user, q)]
