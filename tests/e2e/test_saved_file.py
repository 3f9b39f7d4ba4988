"""A profile that was saved as one file, opened from a disk without a network."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from profiler.html_file.page import html_file
from profiler.models import StoredProfile
from tests.e2e.contexts import Contexts
from tests.e2e.odd_profiles import HOSTILE
from tests.e2e.viewer_driver import Viewer
from tests.e2e.viewer_site import GOLDEN, TREES, WIDE, lossy, wide

pytestmark = pytest.mark.e2e
CANVAS = "flame-graph canvas"


@pytest.fixture
def context(contexts: Contexts) -> Iterator[BrowserContext]:
    with contexts.lend(
        viewport={"width": 1200, "height": 700}, reduced_motion="reduce", offline=True, color_scheme="light"
    ) as lent:
        yield lent


class Saved(Viewer):
    """The file in a browser. Whatever it asks for and whatever its console says fails the test."""

    def __init__(self, context: BrowserContext, path: Path) -> None:
        super().__init__(context.new_page(), path.as_uri())
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda line: self.errors.append(line.text))
        self.page.goto(self.base)

    def ready(self) -> "Saved":
        self.page.evaluate("() => __flame.ready")
        return self

    def check(self) -> None:
        # A worker's script comes from the page itself.
        elsewhere = [url for url in self.asked if url.split("?")[0] != self.base and not url.startswith("blob:")]
        assert (elsewhere, self.errors) == ([], [])


def save(folder: Path, message: bytes, opens: str = "", title: str = "web-1: cpu") -> Path:
    path = folder / "saved.html"
    profile = StoredProfile(title=title, source="folded", kind="cpu", time=datetime(2026, 5, 27, tzinfo=UTC))
    facts = {"facts_template": "parts/profile_facts.html", "profile": profile}
    path.write_text(html_file(message, title, facts, opens))
    return path


def test_a_file_works_without_a_network(context: BrowserContext, tmp_path: Path) -> None:
    saved = Saved(context, save(tmp_path, lossy())).ready()
    page = saved.page
    expect(page.locator("header")).to_contain_text("Exported, not live")
    expect(page.locator("quality-line")).to_contain_text("8 lost")
    saved.click("web", "main")
    expect(page.locator("zoom-crumbs [aria-current]")).to_have_text("main")
    page.locator("search-box input").fill("parse")
    expect(page.locator(".search-result")).to_contain_text("%")
    for view, panel, text in (
        ("Sandwich", "sandwich-view", "in 1 place"),
        ("Table", "stack-table", "parse"),
        ("Call tree", "call-tree", "parse"),
    ):
        page.get_by_role("button", name=view, exact=True).first.click()
        expect(page.locator(panel)).to_contain_text(text)
    page.get_by_label("Change what is shown").select_option(label="Hide the kernel")
    expect(page.locator("transform-bar li")).to_have_count(1)
    page.locator("[data-theme-button]").click()
    page.locator("[data-theme-button]").click()
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    saved.check()


def test_what_needs_a_server_is_not_offered(context: BrowserContext, tmp_path: Path) -> None:
    saved = Saved(context, save(tmp_path, lossy())).ready()
    for name in ("Heat map", "Chart"):
        expect(saved.page.get_by_role("button", name=name, exact=True)).to_be_hidden()
    assert saved.page.get_by_label("Save what is shown").locator("option:enabled").all_inner_texts()[1:] == [
        "Picture of the graph (PNG)",
        "Functions (CSV)",
        "Stacks (folded)",
    ]
    expect(saved.page.get_by_label("Group by")).to_be_hidden()
    saved.check()


def test_a_large_tree_is_searched_whole_and_opens_with_the_view_it_had(context: BrowserContext, tmp_path: Path) -> None:
    """So many functions that a worker, which has its script from the page, unpacks them."""
    saved = Saved(context, save(tmp_path, wide("all"), opens="q=%5Ef&show=graph")).ready()
    expect(saved.page.locator(".search-result")).to_contain_text(f"{WIDE:,}".replace(",", "\u2009"))
    saved.page.get_by_role("button", name="Table").click()
    expect(saved.page.locator("stack-table")).to_contain_text("functions match the search")
    saved.check()


def test_two_sides_are_two_sides_in_the_file(context: BrowserContext, tmp_path: Path) -> None:
    saved = Saved(context, save(tmp_path, (GOLDEN / "diff" / "changed.wpt").read_bytes())).ready()
    saved.page.get_by_role("button", name="Table").click()
    expect(saved.page.locator("diff-table")).to_contain_text("%")
    saved.check()


def test_hostile_names_stay_text_in_the_file(context: BrowserContext, tmp_path: Path) -> None:
    title = "</script><img src=x onerror=window.hacked=1>\u202e"
    saved = Saved(context, save(tmp_path, TREES["hostile"], opens="q=.&show=table", title=title)).ready()
    expect(saved.page.get_by_role("heading", level=1)).to_have_text(title)
    expect(saved.page.locator("stack-table")).to_contain_text(HOSTILE[0])
    assert saved.page.evaluate("() => [window.hacked, document.querySelectorAll('main img').length]") == [None, 0]
    saved.check()


def test_a_file_that_was_cut_short_says_so(context: BrowserContext, tmp_path: Path) -> None:
    path = save(tmp_path, lossy())
    text = path.read_text()
    at = text.index('id="saved-tree">') + 400
    path.write_text(text[:at] + text[at + 40 :])
    saved = Saved(context, path)
    expect(saved.page.locator(".profile-message")).to_contain_text("This file is damaged")
    saved.check()
