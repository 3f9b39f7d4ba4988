"""A profile as a file: what is in it, and who gets it."""

import gzip
import re
from base64 import b64decode
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User

from profiler.core.wire import decode, header
from profiler.models import Run, StoredProfile
from profiler.query.tree import TreeAsked, tree
from profiler.sharing import create_share, revoke_share
from tests.views.conftest import Browser

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u202e🔥"


class Parts(HTMLParser):
    """Elements of a page as a browser finds them, and the text of each script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str | None, str] = {}
        self._inside: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = dict(attrs).get("id", "") if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self.scripts[self._inside] = self.scripts.get(self._inside, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def message(self) -> bytes:
        return gzip.decompress(b64decode(self.scripts["saved-tree"]))


def test_a_file_holds_the_tree_of_the_page_byte_for_byte(finished: Run, owner: User, browser: Browser) -> None:
    parts = Parts(browser(owner).get(f"/profiles/{finished.profile.pk}/html").content.decode())
    assert parts.message() == tree(finished.profile, TreeAsked())
    assert decode(parts.message()).quality is not None


def test_it_is_a_file_and_never_a_page_of_the_server(finished: Run, owner: User, browser: Browser) -> None:
    response = browser(owner).get(f"/profiles/{finished.profile.pk}/html")
    assert re.fullmatch(r'attachment; filename="[A-Za-z0-9._-]+\.html"', response.headers["Content-Disposition"])
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_a_file_says_what_it_is_of(finished: Run, owner: User, browser: Browser) -> None:
    page = browser(owner).get(f"/profiles/{finished.profile.pk}/html").content.decode()
    head = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split('id="saved-tree"')[0].split("<body")[1]))
    for words in ("Exported, not live", "web-1", "CPU 100 Hz", "UTC", "saved by webprof 0."):
        assert words in head


def test_names_stay_text_in_the_file(finished: Run, owner: User, browser: Browser) -> None:
    StoredProfile.objects.update(title=EVIL, source="upload", kind=EVIL[:64])
    page = browser(owner).get(f"/profiles/{finished.profile.pk}/html", {"opens": f"q={EVIL}"}).content.decode()
    parts = Parts(page)
    assert [attributes.get("id") for tag, attributes in parts.tags if tag == "script"] == [
        "saved-tree",
        "answers-worker",
        None,
    ]
    assert not any("onerror" in attributes for _, attributes in parts.tags)
    assert dict(parts.tags)["profile-view"]["data-opens"] == f"q={EVIL}"


def test_the_file_has_the_asked_part_of_the_time_and_grouping(finished: Run, owner: User, browser: Browser) -> None:
    profile = finished.profile
    page = (
        browser(owner)
        .get(f"/profiles/{profile.pk}/html", {"at": "0-1", "base": "1-2", "group": "pid"})
        .content.decode()
    )
    parts = Parts(page)
    assert header(parts.message())["base"]
    assert "0-1 s of it, compared with 1-2 s" in page
    assert "grouped by pid" in page


def test_a_guest_s_file_ends_with_the_link(finished: Run, owner: User, browser: Browser) -> None:
    share, secret = create_share(owner, finished.profile.pk)
    response = browser(None).get(f"/s/{secret}/html")
    assert Parts(response.content.decode()).message()[:4] == b"WPT1"
    assert secret not in response.content.decode()
    assert response.headers["Referrer-Policy"] == "no-referrer"
    revoke_share(owner, share.pk)
    assert browser(None).get(f"/s/{secret}/html").status_code == 404


@pytest.mark.parametrize(
    ("query", "says"),
    [({"opens": "x" * 4001}, "limit of 4000"), ({"group": "nothing"}, "group"), ({"base": "0-1"}, "at: ")],
)
def test_what_can_not_be_in_a_file_is_said(
    finished: Run, owner: User, browser: Browser, query: dict[str, str], says: str
) -> None:
    response = browser(owner).get(f"/profiles/{finished.profile.pk}/html", query)
    assert response.status_code == 422
    assert says in response.content.decode()
