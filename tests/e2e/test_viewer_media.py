"""The viewer with fingers, on paper, in forced colours and without motion, in a real Chromium."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.e2e.contexts import Contexts
from tests.e2e.viewer_driver import Viewer

pytestmark = pytest.mark.e2e
Point = dict[str, float]


@pytest.fixture
def phone(contexts: Contexts, server: tuple[str, list[str]]) -> Iterator[Viewer]:
    with contexts.lend(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    ) as context:
        viewer = Viewer(context.new_page(), server[0])
        yield viewer
    assert viewer.errors == []


def touch(session: CDPSession, kind: str, *points: Point) -> None:
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})


def center(viewer: Viewer, *names: str) -> Point:
    rect = viewer.rect(*names)
    return {"x": rect["x"] + rect["width"] / 2, "y": rect["y"] + rect["height"] / 2}


def width(viewer: Viewer, *names: str) -> float:
    return viewer.rect(*names)["width"]


def test_a_tap_zooms_a_pinch_stretches_a_drag_pans_and_a_long_press_tells(phone: Viewer) -> None:
    page = phone.shown().page
    session = page.context.new_cdp_session(page)
    at = center(phone, "web", "main", "parse")
    touch(session, "touchStart", at)
    expect(page.locator("frame-detail .name")).to_have_text("parse")
    touch(session, "touchEnd")
    expect(page.locator("zoom-crumbs [aria-current]")).to_have_text("all")
    expect(page.locator("frame-detail .name")).to_have_text("parse")

    there = center(phone, "web", "main")
    touch(session, "touchStart", there | {"x": 200.0})
    touch(session, "touchEnd")
    expect(page.locator("zoom-crumbs [aria-current]")).to_have_text("main")

    before = width(phone, "web", "main", "parse")
    left, right = at | {"x": 150.0, "id": 1}, at | {"x": 250.0, "id": 2}
    touch(session, "touchStart", left, right)
    for spread in range(10, 60, 10):
        touch(session, "touchMove", left | {"x": 150.0 - spread}, right | {"x": 250.0 + spread})
    touch(session, "touchEnd")
    assert width(phone, "web", "main", "parse") == pytest.approx(2 * before, rel=0.15)

    was = phone.rect("web", "main", "vfs_read")["x"]
    touch(session, "touchStart", at | {"x": 200.0})
    for x in (190.0, 170.0, 150.0):
        touch(session, "touchMove", at | {"x": x})
    touch(session, "touchEnd")
    assert phone.rect("web", "main", "vfs_read")["x"] == pytest.approx(was - 50, abs=6)

    assert page.evaluate("() => visualViewport.scale") == 1


def test_a_finger_selects_a_row_of_the_heat_map_and_a_part_of_another_one(phone: Viewer) -> None:
    page = phone.shown("tree=timed&heat=cpu").page
    graph = page.locator("flame-graph canvas")
    expect(page.locator("heat-map canvas")).to_have_attribute("aria-label", re.compile("3 lanes"))
    box = page.locator("heat-map canvas").bounding_box()
    assert box
    session = page.context.new_cdp_session(page)
    at = {"x": box["x"] + 15, "y": box["y"] + box["height"] / 6}
    touch(session, "touchStart", at)
    touch(session, "touchEnd")
    expect(page.locator(".heat-spans li")).to_contain_text("CPU 0")
    expect(graph).to_have_attribute("aria-label", re.compile("of 12 samples"))
    page.get_by_role("button", name="+ Add").tap()
    box = page.locator("heat-map canvas").bounding_box()
    assert box
    last = box["y"] + box["height"] * 5 / 6
    touch(session, "touchStart", {"x": box["x"] + box["width"] * 0.6, "y": last})
    for share in (0.7, 0.8, 0.99):
        touch(session, "touchMove", {"x": box["x"] + box["width"] * share, "y": last})
    touch(session, "touchEnd")
    expect(page.locator(".heat-spans li")).to_have_count(2)
    expect(graph).to_have_attribute("aria-label", re.compile("of 14 samples"))


def shown_parts(page: Page) -> list[bool]:
    return [page.locator(part).is_visible() for part in ("profile-toolbar", ".frame-actions", "flame-graph canvas")]


def test_paper_has_the_graph_and_what_is_known_of_it_but_no_controls(viewer: Viewer) -> None:
    page = viewer.shown("tree=lossy").page
    assert shown_parts(page) == [True, True, True]
    page.emulate_media(media="print")
    assert shown_parts(page) == [False, False, True]
    expect(page.locator("quality-line")).to_be_visible()
    expect(page.locator("frame-legend")).to_be_visible()


def test_forced_colours_keep_the_frames_and_show_what_is_pressed(viewer: Viewer) -> None:
    page = viewer.shown().page
    before = viewer.pixel(200, viewer.rect("web", "main")["y"] + 15)
    page.emulate_media(forced_colors="active")
    assert viewer.pixel(200, viewer.rect("web", "main")["y"] + 15) == before
    style = "button => getComputedStyle(button).outlineStyle"
    pressed, other = (page.locator(f'.segments [aria-pressed="{is_so}"]').first for is_so in ("true", "false"))
    assert [pressed.evaluate(style), other.evaluate(style)] == ["solid", "none"]


def test_forced_colours_keep_the_cells_of_the_heat_map_and_its_parts_have_a_rim(viewer: Viewer) -> None:
    page = viewer.shown("tree=timed&heat=cpu&at=%40cpu%3ACPU+1").page
    graph = page.locator("flame-graph canvas")
    expect(graph).to_have_attribute("aria-label", re.compile("of 4 samples"))
    picture = "canvas => canvas.toDataURL()"
    cells = page.locator("heat-map canvas")
    expect(cells).to_have_attribute("aria-label", re.compile("3 lanes"))
    page.evaluate("() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))")
    before = cells.evaluate(picture)
    page.emulate_media(forced_colors="active")
    assert cells.evaluate(picture) == before
    adjust = "canvas => getComputedStyle(canvas).forcedColorAdjust"
    assert cells.evaluate(adjust) == "none", "the system leaves the canvas as it was drawn"
    rim = "part => getComputedStyle(part).borderTopStyle"
    assert page.locator(".heat-spans li").evaluate(rim) == "solid"


# Canvases that are seen and have other pixels than the screen.
COARSE = """() => [...document.querySelectorAll("profile-view canvas")].filter((one) => one.checkVisibility())
    .map((one) => [one.width, one.height, one.getBoundingClientRect()])
    .filter(([width, height, box]) => Math.abs(width - box.width * devicePixelRatio) > 1
        || Math.abs(height - box.height * devicePixelRatio) > 1)"""
FINE = f"() => ({COARSE})().length === 0"


@pytest.mark.parametrize("ratio", [2, 3])
def test_canvases_are_as_fine_as_the_screen_after_a_resize_and_a_zoom_too(
    browser: Browser, server: tuple[str, list[str]], ratio: int
) -> None:
    context = browser.new_context(
        viewport={"width": 800, "height": 600}, device_scale_factor=ratio, reduced_motion="reduce"
    )
    viewer = Viewer(context.new_page(), server[0])
    page = viewer.shown("tree=timed&heat=thread").page
    expect(page.locator("heat-map canvas")).to_be_visible()
    page.wait_for_function(FINE)
    page.set_viewport_size({"width": 1000, "height": 700})
    viewer.click("web", "main", "parse")
    page.wait_for_function(FINE)
    page.locator("transform-bar").get_by_role("button", name="Chart").click()
    expect(page.locator("flame-chart canvas").first).to_be_visible()
    page.wait_for_function(FINE)
    context.close()
    assert viewer.errors == []


def test_more_contrast_is_given_to_who_asks_for_it(viewer: Viewer) -> None:
    page = viewer.shown().page
    colors = """() => [["frame-detail dt", "color"], [".profile-stage", "borderTopColor"], ["body", "backgroundColor"]]
        .map(([name, what]) => getComputedStyle(document.querySelector(name))[what])"""
    dim, line, _ = page.evaluate(colors)
    for scheme, text in (("light", "rgb(0, 0, 0)"), ("dark", "rgb(255, 255, 255)")):
        page.emulate_media(contrast="more", color_scheme=scheme)  # type: ignore[arg-type]
        more = page.evaluate(colors)
        assert more[0] == text != dim
        assert more[1] not in (line, more[2])


def test_a_zoom_is_one_step_where_motion_is_unwanted(viewer: Viewer) -> None:
    viewer.shown()
    full = width(viewer, "web")
    viewer.click("web", "main", "parse")
    assert width(viewer, "web", "main", "parse") == pytest.approx(full)


DRAWN = """async () => {
    const { FramePixels, pixelOf } = await import("/static/js/render/frame-pixels.js");
    const canvas = Object.assign(document.createElement("canvas"), { width: 48, height: 20 });
    const context = canvas.getContext("2d", { alpha: false });
    const fills = new FramePixels();
    fills.clear(48, 2, pixelOf("#ffffff"));
    for (let i = 0; i < 12; i++) fills.fill(0, 4 * i, 4 * i + 3, pixelOf(i % 2 ? "#d07020" : "#2040e0"));
    for (let i = 0; i < 3; i++) fills.fill(1, 4 * i, 4 * i + 3, pixelOf(i % 2 ? "#d07020" : "#2040e0"));
    fills.draw(context, { first: 0, row: 10, gap: 1, gapTop: 9, innerHeight: 9 });
    const lines = [0, 8, 9, 10, 18, 19].map((y) => [...context.getImageData(0, y, 12, 1).data]);
    return lines.map((line) => Array.from({ length: 12 }, (_, x) => line.slice(4 * x, 4 * x + 3).join(" ")));
}"""


def test_many_frames_of_a_row_have_the_colours_and_edges_that_few_have(viewer: Viewer) -> None:
    lines = viewer.shown().page.evaluate(DRAWN)
    blue, orange, gap = "32 64 224", "208 112 32", "255 255 255"
    row = [*[blue] * 3, gap, *[orange] * 3, gap, *[blue] * 3, gap]
    assert lines == [row, row, [gap] * 12] * 2
