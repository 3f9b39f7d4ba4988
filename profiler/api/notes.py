"""Notes on functions: changed and deleted here; listed and written below their profile."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from profiler import access
from profiler.models import Note
from profiler.notes import change_note, delete_note

router = Router(tags=["profiles"])


class NoteIn(Schema):
    """`name` and `module`: the function, as the tree's frames have it. `text` is plain: 1 to 2,000 characters."""

    name: str
    module: str = ""
    text: str


class NoteTextIn(Schema):
    text: str


class NoteOut(Schema):
    """`may_change`: whether the caller may change and delete it."""

    id: UUID
    profile: UUID
    name: str
    module: str
    text: str
    author: str
    created_at: datetime
    changed_at: datetime | None
    changed_by: str | None
    may_change: bool

    @classmethod
    def of(cls, note: Note, may_change: Callable[[Note], bool]) -> "NoteOut":
        same = ("id", "name", "module", "text", "created_at", "changed_at")
        return cls(
            **{name: getattr(note, name) for name in same},
            profile=note.profile_id,
            author=note.author.get_username(),
            changed_by=note.changed_by.get_username() if note.changed_by else None,
            may_change=may_change(note),
        )


@router.put("/{note_id}", response=NoteOut, summary="Another text: the author, the profile's owner, admins")
def change(request: HttpRequest, note_id: UUID, wanted: NoteTextIn) -> NoteOut:
    return NoteOut.of(change_note(request.user, note_id, wanted.text), access.note_changer(request.user))


@router.delete("/{note_id}", response={204: None}, summary="Delete a note: the same people")
def delete(request: HttpRequest, note_id: UUID) -> Status[None]:
    delete_note(request.user, note_id)
    return Status(204, None)
