"""The page of debug files: what each sees, and what a profile's own list shows."""

import html

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from profiler.debugfiles.intake import receive
from profiler.debugfiles.reading import read_debug_file
from profiler.ingest.store import Origin, store
from profiler.models import StoredProfile
from tests.programs import StrippedProgram
from tests.views.conftest import Browser

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]
HOSTILE = "<script>alert(1)</script>.so"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> StrippedProgram:
    return StrippedProgram.build(tmp_path_factory.mktemp("program"))


@pytest.fixture
def stored(owner: User, program: StrippedProgram) -> StoredProfile:
    return store(program.profile(module=HOSTILE), Origin(owner, "a stripped one", "recording"))


def test_what_is_missing_is_listed_with_its_build_id(
    browser: Browser, viewer: User, stored: StoredProfile, program: StrippedProgram
) -> None:
    page = browser(viewer).get("/debug-files/").content.decode()
    assert program.build_id in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;.so" in page
    assert HOSTILE not in page
    assert "No debuginfod server is asked" in page


def test_a_profiles_own_list_leads_back_to_it(
    browser: Browser, owner: User, stored: StoredProfile, program: StrippedProgram
) -> None:
    page = browser(owner).get("/debug-files/", {"profile": str(stored.pk)}).content.decode()
    assert "Missing in a stripped one" in page
    assert f"/profiles/{stored.pk}/" in page
    assert program.build_id in page
    for wrong in ("00000000-0000-4000-8000-000000000000", "x", "\0"):
        assert browser(owner).get("/debug-files/", {"profile": wrong}).status_code == 404


def test_a_refused_file_says_why(browser: Browser, owner: User) -> None:
    read_debug_file(str(receive(owner, "<b>.debug", [b"no ELF"]).pk))
    page = browser(owner).get("/debug-files/").content.decode()
    assert "&lt;b&gt;.debug: not a 64-bit little-endian ELF file" in page


def test_the_servers_that_are_asked_are_named(browser: Browser, owner: User, settings: LazySettings) -> None:
    settings.DEBUGINFOD_URLS = ("https://debuginfod.example/sub", "http://127.0.0.1:8002")
    page = browser(owner).get("/debug-files/").content.decode()
    assert "debuginfod.example, 127.0.0.1:8002" in page


def test_an_operator_deletes_what_another_sent(browser: Browser, owner: User, admin: User) -> None:
    file = receive(owner, "old.debug", [b"x"])
    response = browser(admin).post(f"/debug-files/{file.pk}/delete/", follow=True)
    assert "“old.debug” is deleted" in response.content.decode()
    assert "old.debug</th>" not in response.content.decode()


def test_the_files_there_are_can_be_sorted_and_searched_and_links_keep_both(browser: Browser, owner: User) -> None:
    for name in ("b.debug", "c.debug", "a.other"):
        receive(owner, name, [b"x"])
    client = browser(owner)
    page = client.get("/debug-files/", {"q": "DEBUG", "sort": "name"})
    assert [file.name for file in page.context["page"].items] == ["b.debug", "c.debug"]
    assert 'aria-sort="ascending"><a href="?q=DEBUG&amp;sort=-name">' in page.content.decode()
    assert 'name="sort" value="name"' in page.content.decode()
    none = client.get("/debug-files/", {"q": "zzz\0"}).content.decode()
    assert "No debug file here fits “zzz" in none
    refused = client.get("/debug-files/", {"sort": "colour"})
    assert refused.status_code == 422
    assert "is not one of name, state, size, time" in html.unescape(refused.content.decode())
