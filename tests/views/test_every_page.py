"""Every route is known here: what is a page has the shape of one; a new route without a place here fails."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string

from tests.views.conftest import Browser
from webprof.urls import pages

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]

# Named routes that draw a page, as addresses with what `keys` knows. Guests open those of GUESTS.
PAGES = {
    "hosts": "/hosts/",
    "host": "/hosts/{host_id}/",
    "host-feeds": "/hosts/{host_id}/feeds/",
    "host-feed": "/hosts/{host_id}/feeds/{probe}/",
    "host-histograms": "/hosts/{host_id}/histograms/",
    "host-histogram": "/hosts/{host_id}/histograms/{histogram}/",
    "continuous": "/continuous/",
    "services": "/services/",
    "operations": "/operations/",
    "probes": "/probes/",
    "record": "/record/",
    "checkups": "/checkups/",
    "checkup": "/checkups/{checkup_id}/",
    "run": "/runs/{run_id}/",
    "explore": "/explore/",
    "bpftrace": "/bpftrace/",
    "bpftrace-program": "/bpftrace/{program_id}/",
    "bpftrace-stacks": "/bpftrace/runs/{trace_id}/stacks/{name}/",
    "profiles": "/profiles/",
    "profile": "/profiles/{profile_id}/",
    "debug-files": "/debug-files/",
    "tokens": "/tokens/",
    "share": "/s/{share}/",
    "checkup-share": "/c/{checkup_share}/",
    "checkup-share-profile": "/c/{checkup_share}/profiles/{host_id}/",
    "login": "/login/",
    "login-link": "/login/link/{login}/",
}
GUESTS = {"share", "checkup-share", "checkup-share-profile", "login", "login-link"}
# Pages that stand for those that can't be shown, and pages of a part of something.
ODD = (
    "/nowhere/",
    "/hosts/nobody/",
    "/hosts/{host_id}/feeds/{probe}/?pid=many",
    "/hosts/{host_id}/feeds/nothing/",
    "/hosts/{host_id}/histograms/{histogram}/?pid=many",
    "/hosts/{host_id}/histograms/nothing/",
    "/profiles/?sort=shoe-size",
    "/debug-files/?profile={profile_id}",
    "/profiles/?q=nothing",
)
ODD_OF_GUESTS = ("/s/not-a-token/", "/c/not-a-token/", "/login/link/not-a-token/", "/nowhere/")
# What nobody looks at as a page: fragments, data, files, forms that only send, redirects, and what is within a frame.
NO_PAGES = {
    "home", "favicon", "logout", "host-targets", "host-freeze", "host-flight", "host-continuous", "continuous-delete",
    "continuous-move", "service-rule-delete", "service-rule-move", "run-stop", "profile-tree", "profile-moments",
    "profile-folded", "profile-delete", "shares", "share-tree", "share-moments", "debug-file-delete", "token-revoke",
    "profile-html", "bpftrace-tree", "bpftrace-stop", "share-html", "embed", "host-histogram-kept",
    "checkup-delete", "checkup-shares", "checkup-share-tree", "checkup-share-moments",
    "host-histogram-examples", "host-histogram-tree",
}  # fmt: skip


class Shape(HTMLParser):
    """Counts what a page has one of, and remembers its texts by element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, int] = {}
        self.text: dict[str, str] = {}
        self.inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        names = [tag]
        if tag == "header" and "top" in (given.get("class") or ""):
            names.append("page header")
        if tag == "nav" and given.get("aria-label") == "Breadcrumbs":
            names.append("breadcrumbs")
        if tag == "li" and given.get("aria-current") == "page":
            names.append("this page in the breadcrumbs")
        for name in names:
            self.found[name] = self.found.get(name, 0) + 1
        self.inside.append(names[-1])

    def handle_endtag(self, tag: str) -> None:
        if self.inside:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.text[self.inside[-1]] = self.text.get(self.inside[-1], "") + data.strip()


def wrong_with(page: str) -> Iterator[str]:
    shape = Shape(page)
    for name in ("page header", "main", "h1", "title", "breadcrumbs", "this page in the breadcrumbs"):
        if shape.found.get(name) != 1:
            yield f"{shape.found.get(name, 0)} × {name}"
    for name in ("title", "this page in the breadcrumbs"):
        if not shape.text.get(name, "").removesuffix("· webprof"):
            yield f"{name} says nothing"


def test_every_named_route_is_a_page_or_known_to_be_none() -> None:
    names = {str(route.name) for route in pages}
    assert names == PAGES.keys() | NO_PAGES
    assert not PAGES.keys() & NO_PAGES


def test_every_page_has_one_header_main_heading_title_and_way_back(
    keys: dict[str, str], admin: User, browser: Browser
) -> None:
    known, guest = browser(admin), browser(None)
    asked = [(guest if name in GUESTS else known, address) for name, address in PAGES.items()]
    asked += [*((known, address) for address in ODD), *((guest, address) for address in ODD_OF_GUESTS)]
    wrong = []
    for client, address in asked:
        response = client.get(address.format(**keys))
        assert response.status_code in (200, 404, 422), f"{address} answers {response.status_code}"
        wrong += [f"{address}: {each}" for each in wrong_with(response.content.decode())]
    wrong += [f"500: {each}" for each in wrong_with(render_to_string("500.html", {"quote": "0"}))]
    assert wrong == []


def test_a_page_without_breadcrumbs_would_fail() -> None:
    whole = (
        '<title>Hosts · webprof</title><header class="top"></header><main><nav aria-label="Breadcrumbs"><ol>'
        '<li aria-current="page">Hosts</li></ol></nav><h1>Hosts</h1></main>'
    )
    assert list(wrong_with(whole)) == []
    assert list(wrong_with(whole.replace("Breadcrumbs", ""))) == ["0 × breadcrumbs"]
    assert list(wrong_with(whole.replace("<title>Hosts ", "<title> "))) == ["title says nothing"]
    assert list(wrong_with(whole + "<h1>twice</h1>")) == ["2 × h1"]
