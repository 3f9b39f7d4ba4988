"""A stored profile opens with its graph, which works before the rest of the page is there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.conftest import Troubles, enter
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
FOLDED = b"web;main;parse 30\nweb;main;sys_read_[k] 60\nweb;main 10\n"
PROFILE_URL = re.compile(r"/profiles/[0-9a-f-]{36}/$")
REST = "**/js/joined/viewer.*.js"
TREE = "**/tree?detail=overview"
# Asks for more than the graph: all comes at once, and the tree is asked for.
BEYOND = "?show=graph"
DRAWN = re.compile("Flame graph of 100 samples")
ROW_PX = 18
SHIFTS = """
    window.shifts = [];
    const keep = (list) => list.getEntries().forEach(({ value }) => shifts.push(value));
    new PerformanceObserver(keep).observe({ type: "layout-shift", buffered: true });
"""
TWO_FRAMES = "() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))"
# How far down the graph is in each frame in which it can be seen.
PLACES = """
    window.places = [];
    const look = () => {
        const graph = document.querySelector("flame-graph");
        const seen = graph?.tree && getComputedStyle(graph).visibility === "visible";
        const top = seen && Math.round(graph.getBoundingClientRect().top);
        if (seen && !places.includes(top)) places.push(top);
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
"""


@pytest.fixture(scope="module")
def address(browser: Browser, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of a profile that is opened again and again."""
    path = tmp_path_factory.mktemp("folded") / "opened.folded"
    path.write_bytes(FOLDED)
    context = browser.new_context(base_url=stack.base_url)
    enter(context, stack)
    page = context.new_page()
    page.goto("/profiles/")
    page.get_by_label("Upload…").set_input_files(path)
    page.wait_for_url(PROFILE_URL)
    context.close()
    return page.url


@contextmanager
def held(page: Page, files: str) -> Iterator[None]:
    """These are not answered before the block ends."""
    waiting: list[Route] = []
    over = False

    def hold(route: Route) -> None:
        if over:
            route.continue_()
        else:
            waiting.append(route)

    page.route(files, hold)
    yield
    over = True
    for route in waiting:
        route.continue_()


def drawn(page: Page, address: str) -> None:
    """Nothing but the graph is there."""
    page.goto(address, wait_until="commit")
    expect(page.locator("flame-graph canvas")).to_have_attribute("aria-label", DRAWN)
    assert page.evaluate("() => customElements.get('profile-view') === undefined")


def all_of_it(page: Page) -> None:
    page.wait_for_function("() => window.__flame")
    page.evaluate("() => __flame.ready")


def stage(page: Page) -> tuple[float, ...]:
    """Place and size of the graph with its strip."""
    box = page.locator(".profile-stage").bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"], box["height"]


def test_a_click_before_the_rest_is_there_zooms_and_is_a_step_in_the_history(page: Page, address: str) -> None:
    with held(page, REST):
        drawn(page, address)
        canvas = page.locator("flame-graph canvas").bounding_box()
        assert canvas is not None
        page.mouse.click(canvas["x"] + canvas["width"] * 0.1, canvas["y"] + 3.5 * ROW_PX)
        expect(page.locator("flame-graph [aria-live]")).to_have_text(re.compile("^parse"))
        assert "zoom" not in page.url
    all_of_it(page)
    expect(page.locator("zoom-crumbs [aria-current]")).to_have_text("parse")
    expect(page.locator("frame-detail .name")).to_have_text("parse")
    expect(page).to_have_url(re.compile(r"zoom=web%3Bmain%3Bparse$"))
    page.go_back()
    expect(page.locator("zoom-crumbs [aria-current]")).to_have_text("all")


def test_keys_before_the_rest_is_there_are_typed_into_what_they_open(page: Page, address: str) -> None:
    with held(page, REST):
        drawn(page, address)
        page.keyboard.press("/")
        page.keyboard.type("^pa")
    expect(page.locator(".search-result")).to_have_text(re.compile(r"^30\.0\s% matched"))
    expect(page.locator("search-box input")).to_have_value("^pa")
    expect(page.locator("search-box input")).to_be_focused()
    page.keyboard.type("rse")
    expect(page.locator("search-box input")).to_have_value("^parse")


def test_a_button_that_is_pressed_before_the_rest_is_there_acts_then(page: Page, address: str) -> None:
    with held(page, REST):
        drawn(page, address)
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    # It asks before it deletes, as ever.
    expect(page.get_by_role("dialog").get_by_role("button", name="Keep")).to_be_visible()
    assert page.url == address


@pytest.mark.parametrize("width", [1440, 2560])
def test_the_graph_stays_where_it_is_when_the_rest_comes(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    with held(page, REST):
        drawn(page, address)
        before = stage(page)
    all_of_it(page)
    # Lines of text are a pixel higher or lower with other fonts.
    assert stage(page) == pytest.approx(before, abs=4)


def test_in_a_narrow_window_the_graph_is_drawn_where_it_stays(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.add_init_script(PLACES)
    page.goto(address)
    all_of_it(page)
    expect(page.locator("flame-graph canvas")).to_have_attribute("aria-label", DRAWN)
    places = page.evaluate("() => places")
    assert len(places) == 1, places


def test_a_link_with_a_view_opens_with_it_at_once(page: Page, address: str) -> None:
    with held(page, REST):
        drawn(page, f"{address}?zoom=web%3Bmain%3Bparse&q=main&view=flame&color=hot")
    all_of_it(page)
    expect(page.locator("zoom-crumbs [aria-current]")).to_have_text("parse")
    expect(page.locator(".search-result")).to_have_text(re.compile(r"^100\.?0?\s% matched"))
    assert page.url.endswith("?zoom=web%3Bmain%3Bparse&q=main&view=flame&color=hot")


def test_what_is_around_the_first_picture_moves_nothing_and_is_there_before_the_rest(page: Page, address: str) -> None:
    """Its room is kept while it is not laid out; the page holds the tree, so that nobody asks for it."""
    page.add_init_script(SHIFTS)
    page.route(TREE, lambda route: route.abort())
    with held(page, REST):
        drawn(page, address)
        page.wait_for_function("() => document.documentElement.className === ''")
        expect(page.get_by_role("navigation", name="Main")).to_be_visible()
        page.evaluate(TWO_FRAMES)
        assert page.evaluate("() => shifts") == []
        top = page.locator("profile-view").bounding_box()
    all_of_it(page)
    assert page.locator("profile-view").bounding_box() == top
    assert page.evaluate("() => shifts") == []


def test_without_its_script_the_page_is_shown_all_the_same(page: Page, address: str, troubles: Troubles) -> None:
    page.route("**/js/joined/opening.*.js", lambda route: route.abort())
    page.goto(address)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    troubles.expect("ERR_FAILED")


def test_who_waits_for_the_tree_sees_that_it_comes(page: Page, address: str) -> None:
    address += BEYOND
    with held(page, TREE):
        page.goto(address, wait_until="commit")
        expect(page.locator(".profile-message.loading")).to_be_visible()
        # Lines that come with the tree would push what is there.
        expect(page.locator("profile-toolbar search-box input")).to_be_hidden()
    all_of_it(page)
    expect(page.locator("profile-toolbar search-box input")).to_be_visible()
    expect(page.locator("flame-graph canvas")).to_have_attribute("aria-label", DRAWN)
    expect(page.locator(".profile-message")).to_have_count(0)


def test_a_tree_that_can_not_be_had_is_told_and_asked_for_again(page: Page, address: str, troubles: Troubles) -> None:
    page.route(TREE, lambda route: route.fulfill(status=503))
    page.goto(address + BEYOND)
    expect(page.get_by_role("alert").get_by_role("heading")).to_have_text(re.compile("status 503"))
    page.unroute(TREE)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("flame-graph canvas")).to_have_attribute("aria-label", DRAWN)
    troubles.expect("503")
