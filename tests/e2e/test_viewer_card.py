"""What is known of one frame, the strip of the whole, and the narrowest window, in a real Chromium."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.viewer_driver import Viewer

pytestmark = pytest.mark.e2e


def test_details_tell_where_a_function_ran_and_never_cover_the_graph(viewer: Viewer) -> None:
    page = viewer.shown().page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    viewer.click("web", "main", "parse")
    page.get_by_role("button", name="Details").click()
    card = page.locator("frame-card")
    expect(card).to_contain_text(re.compile(r"everywhere: total30\.0\s% · 30 samples.*places2"))
    expect(card.get_by_role("list", name="By process or thread")).to_have_text(re.compile(r"web100\s%"))
    graph, box = page.locator("flame-graph").bounding_box(), card.bounding_box()
    assert graph
    assert box
    assert box["y"] >= graph["y"] + graph["height"]
    card.get_by_role("button", name="Copy stack").click()
    expect(card.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == "web\nmain  (web)\nparse  (web)"
    viewer.click("web", "main")
    expect(card.locator(".card-name")).to_have_text("main")


def test_a_link_to_a_zoomed_frame_offers_what_can_be_done_with_it(viewer: Viewer) -> None:
    page = viewer.shown("tree=web&zoom=web%3Bmain").page
    page.get_by_role("button", name="Details").click()
    expect(page.locator("frame-card .card-name")).to_have_text("main")
    page.get_by_role("button", name="Sandwich", exact=True).last.click()
    expect(page).to_have_url(re.compile("fn=%3Dmain"))


def test_details_of_two_sides_tell_where_each_ran(viewer: Viewer) -> None:
    page = viewer.shown("tree=timed&at=0-2&base=0-1").page
    viewer.click("web", "main", "parse")
    page.get_by_role("button", name="Details").click()
    card = page.locator("frame-card")
    expect(card).to_contain_text(re.compile(r"everywhere: total100\s% → 50\.0\s% · −50\.0 points"))
    row = card.get_by_role("table", name="By process or thread, on both sides").get_by_role("row").nth(1)
    expect(row).to_have_text(re.compile(r"web100\s%50\.0\s%−50\.0 points"))


def test_a_source_opens_in_the_editor_that_was_chosen(viewer: Viewer) -> None:
    page = viewer.shown("tree=source").page
    viewer.click("web", "loads")
    page.get_by_role("button", name="Details").click()
    link = page.get_by_role("link", name="Open in editor")
    expect(link).to_have_attribute("href", "vscode://file//srv/app/a%20b.py:7")
    page.get_by_text("Editor…").click()
    box = page.get_by_role("textbox", name="Address that opens a file in your editor")
    box.fill("javascript:alert('{file}')")
    expect(page.get_by_role("alert").filter(has_text="does not open an editor")).to_be_visible()
    expect(link).to_have_attribute("href", "vscode://file//srv/app/a%20b.py:7")
    box.fill("idea://open?file={file}&line={line}")
    page.reload()
    page.evaluate("() => __flame.ready")
    viewer.click("web", "loads")
    page.get_by_role("button", name="Details").click()
    expect(link).to_have_attribute("href", "idea://open?file=/srv/app/a%20b.py&line=7")


def test_the_strip_above_a_deep_graph_shows_and_moves_what_is_on_screen(viewer: Viewer) -> None:
    page = viewer.shown("tree=deep").page
    strip = page.locator("mini-map")
    expect(strip).to_be_visible()
    box = strip.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 2)
    page.wait_for_function("() => document.querySelector('.flame-scroller').scrollTop > 100000")
    viewer.shown("tree=web")
    expect(page.locator("mini-map")).to_be_hidden()


@pytest.mark.parametrize("show", ["graph", "table", "sandwich", "tree"])
def test_a_window_of_200_px_shows_every_view_without_scrolling_sideways(viewer: Viewer, show: str) -> None:
    viewer.page.set_viewport_size({"width": 200, "height": 700})
    page = viewer.shown(f"tree=hostile&show={show}&heat=offset&pin=%3Cimg&color=module&do=drop%3Dgone").page
    expect(page.locator("profile-moments")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("() => window.hacked") is None
