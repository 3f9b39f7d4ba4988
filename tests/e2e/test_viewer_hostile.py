"""What the viewer says when something is wrong, in a real Chromium."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.viewer_driver import Viewer

pytestmark = pytest.mark.e2e
CANVAS = "flame-graph canvas"


def test_a_url_to_a_frame_that_is_gone_says_so_and_shows_everything(viewer: Viewer) -> None:
    page = viewer.shown("tree=web&zoom=web%3Bgone").page
    expect(page.locator(".profile-notice")).to_contain_text("“gone” that the link points at is not in this profile")
    assert viewer.crumbs() == ["all"]


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ("nowhere", "This profile is not here"),
        ("cut-short", "cut short in section"),
        ("future", "schema 9; this page reads schema 1"),
        ("empty", "This profile is empty"),
    ],
)
def test_instead_of_a_graph_people_read_what_happened(viewer: Viewer, tree: str, says: str) -> None:
    page = viewer.open(f"tree={tree}").page
    expect(page.locator(".profile-message")).to_contain_text(says)
    expect(page.locator("flame-graph")).to_be_hidden()


def test_a_server_that_does_not_answer_can_be_tried_again(viewer: Viewer) -> None:
    page = viewer.page
    page.route("**/trees/web?*", lambda route: route.abort())
    viewer.open("tree=web")
    expect(page.locator(".profile-message")).to_contain_text("The server did not answer")
    page.unroute("**/trees/web?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("flame-graph")).to_be_visible()


def test_hostile_names_stay_text(viewer: Viewer) -> None:
    page = viewer.shown("tree=hostile&q=.").page
    # "." matches all but the empty name, twice each.
    for step in range(10):
        page.locator("search-box input").press("Enter")
        expect(page.locator(".search-result")).to_contain_text(f"{step + 1}/10")
    page.evaluate("() => __flame.zoomTo('<img src=x onerror=window.hacked=1>')")
    expect(page.locator("zoom-crumbs [aria-current]")).to_have_text("<img src=x onerror=window.hacked=1>")
    assert page.evaluate("() => [window.hacked, document.querySelectorAll('profile-view img').length]") == [None, 0]


@pytest.mark.parametrize(
    ("view", "module", "panel"),
    [
        ("Table", "stack-table.js", "stack-table"),
        ("Sandwich", "sandwich-view.js", "sandwich-view"),
        ("Call tree", "call-tree.js", "call-tree"),
    ],
)
def test_a_view_that_does_not_arrive_says_so_and_can_be_tried_again(
    viewer: Viewer, view: str, module: str, panel: str
) -> None:
    page = viewer.shown().page
    page.route(f"**/{module}", lambda route: route.abort())
    page.get_by_role("button", name=view, exact=True).first.click()
    expect(page.locator(".profile-stage .failed")).to_contain_text("This view can't be shown")
    page.unroute(f"**/{module}")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(panel)).to_contain_text("vfs_read")
    expect(page.locator(".panel-wait")).to_have_count(0)


def test_a_view_that_takes_its_time_has_a_skeleton_in_its_room_and_moves_nothing(viewer: Viewer) -> None:
    page = viewer.shown().page
    held: list[Route] = []
    page.route("**/stack-table.js", lambda route: held.append(route))  # noqa: PLW0108 Playwright looks into functions
    with page.expect_request("**/stack-table.js"):
        page.get_by_role("button", name="Table").click()
    expect(page.locator(".panel-wait .skeleton-row").first).to_be_visible()
    boxes = [page.locator(place).bounding_box() for place in (".profile-stage", ".profile-foot")]
    held[0].continue_()
    expect(page.locator("stack-table")).to_contain_text("vfs_read")
    expect(page.locator(".panel-wait")).to_have_count(0)
    assert [page.locator(place).bounding_box() for place in (".profile-stage", ".profile-foot")] == boxes


def test_who_does_not_wait_for_a_view_has_the_graph_again(viewer: Viewer) -> None:
    page = viewer.shown().page
    page.route("**/stack-table.js", lambda _: None)
    page.get_by_role("button", name="Table").click()
    expect(page.locator(".panel-wait")).to_have_count(1)
    page.get_by_role("button", name="Graph", exact=True).click()
    expect(page.locator(".panel-wait")).to_have_count(0)
    expect(page.locator(CANVAS)).to_be_visible()


def test_a_worker_that_lacks_the_whole_tree_can_be_asked_again(viewer: Viewer) -> None:
    page = viewer.page
    page.context.route("**/trees/wide", lambda route: route.abort())
    viewer.shown("tree=wide&show=table")
    expect(page.locator(".profile-stage .failed")).to_contain_text("This view can't be shown")
    # All that the page asks for by itself has failed by then: what is asked for later comes of the press.
    page.wait_for_load_state("networkidle")
    page.context.unroute("**/trees/wide")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("stack-table")).to_contain_text("40 007 functions")


@pytest.mark.parametrize("missing", ["**/profile-moments.js", "**/moments?*"])
def test_a_heat_map_that_does_not_arrive_says_so_and_can_be_tried_again(viewer: Viewer, missing: str) -> None:
    page = viewer.page
    page.route(missing, lambda route: route.abort())
    viewer.shown("tree=timed&heat=offset")
    again = page.locator(".moments-place").get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    page.unroute(missing)
    again.click()
    expect(page.locator(".moments-place heat-map canvas")).to_have_attribute(
        "aria-label", re.compile("Heat map of samples")
    )
    expect(again).to_have_count(0)
