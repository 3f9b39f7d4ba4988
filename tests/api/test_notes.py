"""Notes on functions over HTTP: who writes, changes and deletes them, and what they may hold."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from profiler import notes
from profiler.access import Role
from profiler.ingest.store import Origin, store
from profiler.models import Note, StoredProfile
from profiler.models.note import MAX_NOTE
from profiler.sharing import create_share
from tests import personas
from tests.agent_double import cpu_profile
from tests.api.conftest import As

pytestmark = pytest.mark.django_db(transaction=True)
EVIL = "</textarea><script>alert(1)</script>"


@pytest.fixture
def profile(owner: User) -> StoredProfile:
    return store(cpu_profile("web-1"), Origin(owner, "a profile", "folded"))


def address(profile: StoredProfile) -> str:
    return f"profiles/{profile.pk}/notes"


def write(call: As, user: User, profile: StoredProfile, **given: str) -> Any:
    return call(user).post(address(profile), {"name": "work", "module": "app", "text": "slow since May", **given})


def test_a_note_says_what_about_which_function_by_whom_and_when(
    profile: StoredProfile, owner: User, viewer: User, call: As
) -> None:
    made = write(call, owner, profile, text="  slow since\nMay  ")
    assert made.status_code == 201
    (read,) = call(viewer).get(address(profile)).json()
    assert read == made.json() | {"may_change": False}
    assert made.json()["may_change"]
    told = {name: read[name] for name in ("profile", "name", "module", "text", "author", "changed_at", "changed_by")}
    assert told == {
        "profile": str(profile.pk),
        "name": "work",
        "module": "app",
        "text": "slow since\nMay",
        "author": "olga",
        "changed_at": None,
        "changed_by": None,
    }
    assert read["created_at"]


def test_who_wrote_it_and_whose_the_profile_is_change_and_delete_it_and_nobody_else_does(
    profile: StoredProfile, owner: User, call: As
) -> None:
    author, third = personas.colleague(), personas._user("tom", Role.OPERATOR)
    first, second = (write(call, author, profile).json()["id"] for _ in range(2))
    assert [note["may_change"] for note in call(third).get(address(profile)).json()] == [False, False]
    for refused in (call(third).put(f"notes/{first}", {"text": "mine"}), call(third).delete(f"notes/{first}")):
        assert refused.status_code == 403
        assert "written by somebody else" in refused.json()["error"]["message"]
    changed = call(owner).put(f"notes/{first}", {"text": "known"}).json()
    assert (changed["text"], changed["author"], changed["changed_by"]) == ("known", "carl", "olga")
    assert changed["changed_at"]
    assert call(author).delete(f"notes/{second}").status_code == 204
    assert call(owner).delete(f"notes/{first}").status_code == 204
    assert call(owner).get(address(profile)).json() == []


def test_who_is_no_operator_any_more_changes_not_even_their_own(profile: StoredProfile, call: As) -> None:
    author = personas.colleague()
    made = write(call, author, profile).json()["id"]
    author.groups.set([Group.objects.get_or_create(name=Role.VIEWER)[0]])
    assert call(author).delete(f"notes/{made}").status_code == 403
    assert Note.objects.filter(pk=made).exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": " \n "}, "text"),
        ({"text": "x" * (MAX_NOTE + 1)}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"name": ""}, "name"),
        ({"name": "x" * 16_385}, "name"),
        ({"module": "\udfff"}, "module"),
    ],
)
def test_what_is_no_note_is_refused_by_field_and_leaves_nothing(
    profile: StoredProfile, owner: User, call: As, given: dict[str, str], field: str
) -> None:
    refused = write(call, owner, profile, **given)
    assert refused.status_code == 422
    assert refused.json()["error"]["field"] == field
    assert not Note.objects.exists()


@pytest.mark.parametrize("name", [EVIL, "\u202egnp.exe", "🔥🔥", "x" * 10_000])
def test_any_name_and_text_comes_back_as_it_was(profile: StoredProfile, owner: User, call: As, name: str) -> None:
    text = name[:MAX_NOTE]
    assert write(call, owner, profile, name=name, module=name, text=text).status_code == 201
    response = call(owner).get(address(profile))
    assert response.headers["Content-Type"].startswith("application/json")
    (read,) = response.json()
    assert (read["name"], read["module"], read["text"]) == (name, name, text)


def test_a_profile_has_so_many_notes_and_then_says_so(
    profile: StoredProfile, owner: User, call: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "MAX_NOTES", 2)
    statuses = [write(call, owner, profile).status_code for _ in range(3)]
    assert statuses == [201, 201, 409]
    assert "has 2 notes already" in write(call, owner, profile).json()["error"]["message"]


def test_many_notes_need_no_more_queries_than_two(profile: StoredProfile, owner: User, call: As) -> None:
    client = call(owner)
    assert client.get(address(profile)).status_code == 200  # the first use of a token is written down
    counts = []
    for number in (2, 10):
        for _ in range(number):
            notes.add_note(owner, profile.pk, name="work", module="", text="again")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(profile)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_notes_go_with_their_profile(profile: StoredProfile, owner: User, call: As) -> None:
    write(call, owner, profile)
    assert call(owner).delete(f"profiles/{profile.pk}").status_code == 204
    assert not Note.objects.exists()


def test_a_guest_of_a_share_link_gets_no_notes(profile: StoredProfile, owner: User, call: As) -> None:
    """Notes are the team's talk; the dialog says that a link shows the profile and nothing else."""
    write(call, owner, profile, text="ask legal before we say this")
    _, secret = create_share(owner, profile.pk)
    guest = Client()
    page = guest.get(f"/s/{secret}/").content.decode()
    assert "ask legal" not in page
    assert "notes-url" not in page
    assert guest.get(f"/s/{secret}/notes").status_code == 404
    assert guest.get(f"/api/v1/{address(profile)}").status_code == 401
