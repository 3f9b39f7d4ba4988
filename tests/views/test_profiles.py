"""The list of profiles and one profile's page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiler.core.ids import uuid7
from profiler.models import Run, StoredProfile
from profiler.notes import add_note
from profiler.query.page import PAGE_SIZE
from tests import personas
from tests.agent_double import AgentDouble
from tests.views.conftest import Browser

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def profiles(owner: User, n: int) -> None:
    StoredProfile.objects.bulk_create(
        StoredProfile(
            id=uuid7(1000 + i, i.to_bytes(10, "big")),
            owner=owner,
            title=f"profile {i:03}",
            source="folded",
            kind="cpu",
            unit="samples",
            samples=i * 1000,
            time=NOON + timedelta(minutes=i),
        )
        for i in range(n)
    )


def titles(client: Client, query: str = "") -> list[str]:
    return [profile.title for profile in client.get(f"/profiles/{query}").context["page"].items]


@pytest.fixture
def client(owner: User, agent: AgentDouble, browser: Browser) -> Client:
    return browser(owner)


def test_an_empty_list_teaches_how_to_fill_it(client: Client) -> None:
    page = client.get("/profiles/").content.decode()
    assert "No profiles yet" in page
    assert "perf script" in page
    assert "/record/" in page


def test_newest_first_and_the_rest_on_more_pages(client: Client, owner: User) -> None:
    profiles(owner, PAGE_SIZE + 3)
    assert titles(client)[0] == f"profile {PAGE_SIZE + 2:03}"
    assert titles(client, "?page=2") == ["profile 002", "profile 001", "profile 000"]
    assert 'href="?page=2"' in client.get("/profiles/").content.decode()


def test_filter_sort_and_page_are_in_the_url_together(client: Client, owner: User) -> None:
    profiles(owner, PAGE_SIZE + 3)
    page = client.get("/profiles/?q=profile&sort=title").content.decode()
    assert 'href="?q=profile&amp;sort=title&amp;page=2"' in page
    assert 'href="?q=profile&amp;sort=-title"' in page  # the same column again turns it round
    assert 'aria-sort="ascending"' in page
    assert titles(client, "?q=profile+00&sort=samples")[:2] == ["profile 000", "profile 001"]


def test_a_filter_that_fits_nothing_says_so_and_can_be_undone(client: Client, owner: User) -> None:
    profiles(owner, 1)
    page = client.get("/profiles/?q=nothing").content.decode()
    assert "No profile fits this filter" in page
    assert "Show all" in page


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "9" * 30, "٣"])
def test_a_page_that_does_not_exist_shows_one_that_does(client: Client, owner: User, number: str) -> None:
    profiles(owner, 1)
    assert titles(client, f"?page={number}") == ["profile 000"]


def test_an_unknown_sort_is_named(client: Client) -> None:
    response = client.get("/profiles/?sort=colour")
    assert response.status_code == 422
    assert "colour" in response.content.decode()


def test_a_profile_page_has_its_facts_and_the_way_to_its_tree(client: Client, finished: Run) -> None:
    profile = StoredProfile.objects.get()
    page = client.get(f"/profiles/{profile.pk}/").content.decode()
    for fact in ("web-1", "100\u2009Hz", "pid 7", f'src="/profiles/{profile.pk}/tree"', "<time datetime="):
        assert fact in page


@pytest.mark.parametrize(
    ("query", "plain"),
    [("", True), ("?zoom=web&q=parse&color=hot&view=flame", True), ("?show=table", False), ("?do=hide%25kernel", False)]
    + [(f"?{name}=", False) for name in ("group", "stacks", "at", "base", "heat")],
)
def test_a_page_that_asks_for_the_graph_alone_has_it_in_its_place(
    client: Client, finished: Run, query: str, plain: bool
) -> None:
    page = client.get(f"/profiles/{finished.profile.pk}/{query}").content.decode()
    script = '<script type="module"'
    opening = [line for line in page.splitlines() if script in line and "/ui/opening.js" in line]
    assert ("<flame-graph>" in page, len(opening) == 1, 'rel="later-module"' in page) == (plain, plain, plain)
    # The rest comes by itself or with the picture, and once.
    assert page.count('src="/static/js/pages/shell.js"') == (0 if plain else 1)


def test_a_tree_is_not_sent_twice(client: Client, finished: Run) -> None:
    path = f"/profiles/{finished.profile.pk}/tree"
    first = client.get(path)
    assert first.content[:4] == b"WPT1"
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.get(path, {"group": "pid"}).headers["ETag"] != first.headers["ETag"]


def test_a_wrong_grouping_is_named(client: Client, finished: Run) -> None:
    response = client.get(f"/profiles/{finished.profile.pk}/tree", {"group": "colour"}, headers={"Accept": "*/*"})
    assert response.status_code == 422
    assert "colour" in response.content.decode()


def test_folded_export_is_grouped_as_asked(client: Client, finished: Run) -> None:
    path = f"/profiles/{finished.profile.pk}/folded"
    lines = client.get(path, {"group": "pid,comm"}).content.decode().splitlines()
    assert all(line.startswith("pid 7;app;main") for line in lines)
    assert client.get(path, {"group": "colour"}, headers={"Accept": "*/*"}).status_code == 422


def test_folded_export_has_every_sample(client: Client, finished: Run) -> None:
    response = client.get(f"/profiles/{finished.profile.pk}/folded")
    assert "attachment" in response.headers["Content-Disposition"]
    counts = [int(line.rsplit(" ", 1)[1]) for line in response.content.decode().splitlines()]
    assert sum(counts) == finished.profile.total


def test_deleting_takes_the_profile_and_says_so(client: Client, finished: Run) -> None:
    page = client.post(f"/profiles/{finished.profile.pk}/delete/", follow=True).content.decode()
    assert not StoredProfile.objects.exists()
    assert "is deleted" in page


def test_a_run_that_has_its_profile_is_that_profile(client: Client, finished: Run) -> None:
    assert client.get(f"/runs/{finished.pk}/").headers["Location"] == f"/profiles/{finished.profile.pk}/"


def test_a_partial_profile_says_what_happened(client: Client, finished: Run) -> None:
    Run.objects.update(state="failed", message="host web-1 went away")
    StoredProfile.objects.update(partial=True)
    assert "partial: host web-1 went away" in client.get(f"/profiles/{finished.profile.pk}/").content.decode()


@pytest.mark.parametrize(("persona", "may"), [("owner", "yes"), ("colleague", "yes"), ("viewer", "no")])
def test_a_profile_says_how_many_notes_it_has_and_who_may_write_more(
    finished: Run, owner: User, browser: Browser, persona: str, may: str
) -> None:
    add_note(owner, finished.profile.pk, name="work", module="", text="slow")
    page = browser(owner if persona == "owner" else personas.make(persona)).get(f"/profiles/{finished.profile.pk}/")
    text = page.content.decode()
    assert f'notes-path="profiles/{finished.profile.pk}/notes" notes-count="1" may-note="{may}"' in text
