"""Notes on functions of a profile: whoever sees the profile reads them, operators write them.

Guests of a share link have none: a link is made to show a profile to somebody outside, notes are the team's talk.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from profiler import access
from profiler.core.batch import MAX_NAME
from profiler.errors import ConflictError, InvalidError
from profiler.models import Note, StoredProfile
from profiler.models.note import MAX_NOTE

# More than anybody reads beside one picture; they are sent and listed all at once.
MAX_NOTES = 200


def notes_of(user: access.Visitor, profile_id: str | UUID) -> Sequence[Note]:
    """All of a profile, the oldest first."""
    profile = access.profile(user, profile_id)
    return list(Note.objects.filter(profile=profile).select_related("author", "changed_by", "profile"))


def count_notes(profile: StoredProfile) -> int:
    return Note.objects.filter(profile=profile).count()


def add_note(user: access.Visitor, profile_id: str | UUID, *, name: str, module: str, text: str) -> Note:
    """Raises InvalidError for what is too long or no text, ConflictError when the profile has as many as it may."""
    profile = access.profile(user, profile_id)
    author = access.operator(user, "write notes")
    wanted = {
        "name": _checked("name", name, 1, MAX_NAME),
        "module": _checked("module", module, 0, MAX_NAME),
        "text": _checked("text", text.strip(), 1, MAX_NOTE),
    }
    with transaction.atomic():
        # Two who write at once must not both be the last one.
        StoredProfile.objects.select_for_update().get(pk=profile.pk)
        if count_notes(profile) >= MAX_NOTES:
            raise ConflictError(f"profile {profile.pk} has {MAX_NOTES} notes already: delete some first")
        return Note.objects.create(profile=profile, author=author, **wanted)


def change_note(user: access.Visitor, note_id: str | UUID, text: str) -> Note:
    """Another text; who changed it, and when, is kept beside who wrote it."""
    note = access.changeable_note(user, note_id)
    note.text = _checked("text", text.strip(), 1, MAX_NOTE)
    note.changed_at, note.changed_by = timezone.now(), access.operator(user, "change notes")
    note.save(update_fields=["text", "changed_at", "changed_by"])
    return note


def delete_note(user: access.Visitor, note_id: str | UUID) -> None:
    access.changeable_note(user, note_id).delete()


def _checked(field: str, text: str, least: int, most: int) -> str:
    if not least <= len(text) <= most:
        raise InvalidError(f"{field}: {len(text)} characters; give {least} to {most}", field)
    # Neither half a character nor NUL can be kept by every database.
    if "\0" in text or any("\ud800" <= one <= "\udfff" for one in text):
        raise InvalidError(f"{field}: has a character that is no text (NUL, or half of a pair)", field)
    return text
