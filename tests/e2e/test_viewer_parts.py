"""A large profile: the page gets what can be seen first, and everything else when it is looked at."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.viewer_driver import Viewer
from tests.e2e.viewer_site import WIDE, site

pytestmark = pytest.mark.e2e
LENGTH = "() => document.querySelector('flame-graph').tree.length"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[str]]]:
    with site() as running:
        yield running


@pytest.fixture
def viewer(page: Page, server: tuple[str, list[str]]) -> Iterator[Viewer]:
    server[1].clear()
    viewer = Viewer(page, server[0])
    yield viewer
    assert viewer.errors == []


def state(page: Page, expression: str) -> Any:
    return page.evaluate(f"() => {{ const graph = document.querySelector('flame-graph'); return {expression}; }}")


def test_the_first_picture_needs_only_what_can_be_seen(viewer: Viewer, server: tuple[str, list[str]]) -> None:
    page = viewer.shown("tree=wide").page
    assert page.evaluate(LENGTH) < 20
    assert server[1].count("/trees/wide?detail=overview") == 1
    assert "/trees/wide" not in server[1], "the whole is fetched once the page is at rest"


def test_what_was_left_out_is_there_once_it_is_zoomed_to(viewer: Viewer) -> None:
    page = viewer.shown("tree=wide").page
    graph = page.locator("flame-graph canvas")
    box = graph.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 45)
    for _ in range(5):
        page.mouse.wheel(0, -300)
    page.wait_for_function(f"() => ({LENGTH})() > 20")
    before, after = state(page, "graph.viewport.start"), state(page, "graph.viewport.end")
    name = state(page, "graph.tree.name(graph.inspectedNode)")
    assert re.fullmatch(r"f\d+", name)
    assert state(page, "graph.tree.start[graph.inspectedNode]") <= after
    assert before <= state(page, "graph.tree.start[graph.inspectedNode] + graph.tree.total[graph.inspectedNode]")


def test_every_match_is_counted_and_can_be_stepped_to(viewer: Viewer) -> None:
    page = viewer.shown("tree=wide").page
    page.get_by_role("searchbox").fill("^f\\d+$")
    expect(page.locator(".search-result")).to_contain_text(re.compile(r"matched · 40\s000 frames"))
    assert WIDE == 40_000
    page.keyboard.press("Enter")
    expect(page.locator(".search-result")).to_contain_text(re.compile(r"1/40\s000"))
    assert state(page, "graph.tree.total[graph.selectedNode]") == 7
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".search-result")).to_contain_text(re.compile(r"40\s000/40\s000"))
    assert state(page, "graph.tree.total[graph.selectedNode]") == 1


def test_a_link_to_a_narrow_frame_opens_it(viewer: Viewer) -> None:
    page = viewer.shown("tree=wide&zoom=main%3Bf39999").page
    expect(page.locator("zoom-crumbs li").last).to_have_text("f39999")
    expect(page.locator(".profile-notice")).to_be_hidden()


def test_a_link_to_a_frame_that_is_nowhere_says_so(viewer: Viewer) -> None:
    page = viewer.shown("tree=wide&zoom=main%3Bnowhere").page
    expect(page.locator(".profile-notice")).to_contain_text("“nowhere” that the link points at is not in this profile")


def test_the_call_tree_opens_what_was_left_out(viewer: Viewer) -> None:
    page = viewer.shown("tree=wide&show=tree").page
    for name in ("main", "often_0"):
        page.get_by_role("row", name=re.compile(name)).click()
        page.get_by_role("treegrid").focus()
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("row", name=re.compile("deep"))).to_be_visible()


def test_a_step_is_about_all_stacks(viewer: Viewer) -> None:
    page = viewer.shown("tree=wide&do=keep~^f").page
    expect(page.locator("transform-bar .kept")).to_contain_text("is left")
    assert state(page, "graph.tree.total[0]") == sum(1 + i % 7 for i in range(WIDE))


def test_a_whole_that_can_not_be_had_is_told_and_the_picture_stays(viewer: Viewer) -> None:
    viewer.page.route(re.compile(r"/trees/wide$"), lambda route: route.fulfill(status=503, body="busy"))
    page = viewer.shown("tree=wide").page
    page.get_by_role("searchbox").fill("often")
    expect(page.locator(".profile-notice")).to_contain_text("the server answered with status 503")
    assert viewer.rect("main", "often_1")


def test_a_frame_of_the_call_tree_opens_in_the_graph_in_one_step(viewer: Viewer) -> None:
    page = viewer.shown("tree=web&show=tree").page
    page.get_by_role("row", name=re.compile("vfs_read")).dblclick()
    expect(page).to_have_url(re.compile("zoom="))
    page.go_back()
    expect(page.get_by_role("treegrid", name="Call tree")).to_be_visible()


@pytest.mark.parametrize("step", ["", "&do=hide%3Dgone"])
def test_of_two_sides_what_was_cut_below_a_frame_is_fetched_when_it_is_zoomed_to(viewer: Viewer, step: str) -> None:
    page = viewer.shown(f"tree=beside&deepens=1{step}").page
    expect(page.locator("flame-graph canvas")).to_have_attribute("aria-label", re.compile("Flame graph"))
    assert viewer.rect("main", "f20") is None
    views = page.get_by_role("group", name="View", exact=True)
    views.get_by_role("button", name="Table").click()
    expect(page.locator("diff-table tbody .name").first).to_be_visible()
    missing = page.locator("diff-table tfoot")
    if step:
        # Functions are counted in the picture then, and what it lacks is a row.
        expect(missing).to_contain_text("places that were too small to be sent")
    else:
        expect(missing).to_be_hidden()
    views.get_by_role("button", name="Graph").click()
    viewer.click("main")
    page.wait_for_function("() => __flame.rectOf(['main', 'f20'])")
    expect(page.locator("frame-detail")).not_to_contain_text("not in this picture")
    assert state(page, "graph.zoom") == "main"
    # Both sums are still those of everything.
    assert state(page, "[graph.tree.diff.a.sum, graph.tree.diff.b.sum]") == [1265, 2000]
