"""A share link in a frame of another site, in a real Chromium."""

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.e2e.chromium import serving
from tests.e2e.conftest import Troubles, enter
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
FOLDED = b"web;main;parse 30\nweb;main;sys_read_[k] 60\nweb;main 10\n"


@pytest.fixture(scope="module")
def secret(browser: Browser, stack: Stack) -> str:
    """Of a link to an uploaded profile; made through the pages, as people do."""
    context = browser.new_context(base_url=stack.base_url)
    enter(context, stack)
    page = context.new_page()
    page.goto("/profiles/")
    page.get_by_label("Upload…").set_input_files({"name": "before.folded", "mimeType": "text/plain", "buffer": FOLDED})
    page.get_by_role("button", name="Share…").click()
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_label("frame for another site's page")).to_have_value(
        re.compile(f"^<iframe src=.{stack.base_url}/embed/[^/]+/. ")
    )
    link = page.get_by_label("The new link").input_value()
    context.close()
    return link.rstrip("/").rsplit("/", 1)[1]


class Wiki(BaseHTTPRequestHandler):
    """A page with a frame of what its query names."""

    def do_GET(self) -> None:
        src = self.path.partition("?")[2]
        body = f'<!doctype html><link rel="icon" href="data:,"><iframe src="{src}" width="900" height="480"></iframe>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def wiki() -> Iterator[str]:
    with serving(Wiki) as address:
        yield address


def framed(page: Page, wiki: str, src: str) -> FrameLocator:
    page.goto(f"{wiki}/?{src}")
    return page.frame_locator("iframe")


def test_the_graph_in_a_frame_can_be_zoomed_and_leads_to_webprof(
    guest: Page, stack: Stack, wiki: str, secret: str
) -> None:
    frame = framed(guest, wiki, f"{stack.base_url}/embed/{secret}/?zoom=web%3Bmain")
    expect(frame.get_by_role("heading", level=1)).to_have_text("before.folded")
    expect(frame.locator("zoom-crumbs [aria-current]")).to_have_text("main")
    for chrome in ("profile-toolbar", "transform-bar", "header.top", "nav.crumbs"):
        expect(frame.locator(f"{chrome}:visible")).to_have_count(0)
    frame.locator("zoom-crumbs button").first.click()
    expect(frame.locator("zoom-crumbs [aria-current]")).to_have_text("all")
    with guest.expect_popup() as opened:
        frame.get_by_role("link", name="Open in webprof").click()
    opened.value.wait_for_url(f"**/s/{secret}/")
    expect(opened.value.locator("quality-line")).to_contain_text("100 samples")


@pytest.mark.parametrize(("asked", "system", "theme"), [("", "dark", "dark"), ("?theme=light", "dark", "light")])
def test_a_frame_has_the_theme_that_was_asked_for_or_the_system_s(
    guest: Page, stack: Stack, wiki: str, secret: str, asked: str, system: str, theme: str
) -> None:
    guest.emulate_media(color_scheme="dark" if system == "dark" else "light")
    frame = framed(guest, wiki, f"{stack.base_url}/embed/{secret}/{asked}")
    expect(frame.locator("body")).to_have_css(
        "background-color", "rgb(22, 26, 32)" if theme == "dark" else "rgb(255, 255, 255)"
    )


def test_a_site_that_is_not_named_shows_nothing(
    guest: Page, stack: Stack, wiki: str, secret: str, troubles: Troubles
) -> None:
    with guest.expect_event("console", lambda line: "frame-ancestors" in line.text):
        frame = framed(guest, wiki.replace("127.0.0.1", "localhost"), f"{stack.base_url}/embed/{secret}/")
    expect(frame.locator("profile-view")).to_have_count(0)
    troubles.expect("frame-ancestors")


def test_what_is_no_embed_is_framed_nowhere(guest: Page, stack: Stack, wiki: str, troubles: Troubles) -> None:
    with guest.expect_event("console", lambda line: "frame-ancestors" in line.text):
        framed(guest, wiki, f"{stack.base_url}/login/")
    troubles.expect("frame-ancestors")
