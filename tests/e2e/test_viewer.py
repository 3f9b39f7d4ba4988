"""The viewer in a real Chromium: what people do with it."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.viewer_driver import Viewer
from tests.e2e.viewer_site import message, web_profile

pytestmark = pytest.mark.e2e
CANVAS = "flame-graph canvas"


def test_a_profile_opens_at_its_root_with_its_trust_and_colours(viewer: Viewer) -> None:
    page = viewer.shown().page
    root = viewer.rect()
    assert root["width"] == pytest.approx(page.locator(CANVAS).bounding_box()["width"], abs=16)  # type: ignore[index]
    assert viewer.crumbs() == ["all"]
    expect(page.locator("quality-line")).to_contain_text("100 samples")
    expect(page.locator("frame-legend")).to_contain_text("kernel")
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 100 samples in 5 rows"))


def test_a_click_zooms_and_back_forward_and_crumbs_move_through_the_steps(viewer: Viewer) -> None:
    page = viewer.shown().page
    viewer.click("web", "main", "parse")
    assert (
        viewer.rect("web", "main", "parse")["width"] == viewer.rect()["width"] * 0.3 or viewer.crumbs()[-1] == "parse"
    )
    expect(page).to_have_url(re.compile(r"zoom=web%3Bmain%3Bparse$"))
    assert viewer.crumbs() == ["all", "web", "main", "parse"]
    page.locator("zoom-crumbs button", has_text="main").click()
    assert viewer.crumbs() == ["all", "web", "main"]
    expect(page).to_have_url(re.compile(r"zoom=web%3Bmain$"))
    page.go_back()
    expect(page.locator("zoom-crumbs [aria-current]")).to_have_text("parse")
    page.go_back()
    expect(page.locator("zoom-crumbs [aria-current]")).to_have_text("all")
    page.go_forward()
    expect(page.locator("zoom-crumbs [aria-current]")).to_have_text("parse")


@pytest.mark.parametrize("key", ["Escape", "Backspace"])
def test_a_key_goes_one_step_back(viewer: Viewer, key: str) -> None:
    page = viewer.shown().page
    viewer.click("web", "main")
    viewer.click("web", "main", "parse")
    page.keyboard.press(key)
    expect(page.locator("zoom-crumbs [aria-current]")).to_have_text("main")
    page.keyboard.press(key)
    expect(page.locator("zoom-crumbs [aria-current]")).to_have_text("all")
    page.keyboard.press(key)
    expect(page).to_have_url(re.compile(r"\?tree=web$"))


def test_the_whole_graph_works_by_keyboard_and_is_spoken(viewer: Viewer) -> None:
    page = viewer.shown().page
    page.locator(CANVAS).focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    expect(page.locator("flame-graph [aria-live]")).to_have_text(re.compile(r"^vfs_read, kernel, total 60\.0\s%"))
    page.keyboard.press("ArrowLeft")
    expect(page.locator("frame-detail .name")).to_have_text("parse")
    page.keyboard.press("Enter")
    assert viewer.crumbs()[-1] == "parse"
    page.keyboard.press("0")
    assert viewer.crumbs() == ["all"]
    page.keyboard.press("?")
    expect(page.locator(".keys-sheet")).to_be_visible()


def test_search_tells_the_share_from_the_first_key_and_keeps_it_in_the_url(viewer: Viewer) -> None:
    page = viewer.shown().page
    steps = page.evaluate("() => history.length")
    page.keyboard.press("/")
    page.keyboard.type("^pa")
    # parse below parse counts once: 30 of 100.
    expect(page.locator(".search-result")).to_have_text(re.compile(r"^30\.0\s% matched · 2 frames$"))
    expect(page).to_have_url(re.compile(r"q=%5Epa"))
    assert page.evaluate("() => history.length") == steps
    page.keyboard.press("Enter")
    expect(page.locator(".search-result")).to_contain_text("1/2")
    expect(page.locator("frame-detail .name")).to_have_text("parse")
    page.keyboard.press("Escape")
    expect(page.locator(CANVAS)).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?tree=web$"))


def test_terms_are_pinned_in_colours_of_their_own_and_live_in_the_url(viewer: Viewer) -> None:
    page = viewer.shown().page
    box = page.locator("search-box input")
    box.fill("vfs")
    first = viewer.pixel(viewer.rect("web", "main", "vfs_read")["x"] + 1, viewer.rect("web", "main", "vfs_read")["y"])
    box.press("Alt+Enter")
    expect(box).to_have_value("")
    box.fill("parse")
    expect(page.locator(".search-pins li")).to_contain_text(re.compile(r"vfs 60\.0\s%"))
    expect(page.locator(".search-result")).to_have_text(re.compile(r"^90\.0\s% matched · 3 frames$"))
    expect(page).to_have_url(re.compile(r"q=parse&pin=vfs"))
    marks = [viewer.rect("web", "main", name) for name in ("vfs_read", "parse")]
    colors = [viewer.pixel(mark["x"] + 1, mark["y"]) for mark in marks]
    assert colors[0] == first != colors[1]
    page.reload()
    page.evaluate("() => __flame.ready")
    expect(page.locator(".search-pins li")).to_have_count(1)
    page.get_by_role("button", name="Remove the term vfs").click()
    expect(page.locator(".search-result")).to_have_text(re.compile(r"^30\.0\s% matched · 2 frames$"))


def test_fuzzy_search_finds_letters_in_their_order(viewer: Viewer) -> None:
    page = viewer.shown().page
    page.get_by_role("button", name="Fuzzy search").click()
    page.locator("search-box input").fill("vrd(")
    expect(page.locator(".search-result")).to_have_text("no match")
    page.locator("search-box input").fill("vrd")
    expect(page.locator(".search-result")).to_have_text(re.compile(r"^60\.0\s% matched · 1 frame$"))
    expect(page).to_have_url(re.compile(r"q=vrd&find=fuzzy"))
    page.get_by_role("combobox", name="Change what is shown").select_option("Keep only stacks through matches")
    expect(page.locator("transform-bar .kept")).to_contain_text(re.compile(r"60\.0\s% is left"))


def test_an_invalid_pattern_is_explained_and_changes_nothing(viewer: Viewer) -> None:
    page = viewer.shown("tree=web&q=parse").page
    rect = viewer.rect("web", "main", "vfs_read")
    before = viewer.pixel(rect["x"] + 5, rect["y"] + 3)
    page.locator("search-box input").fill("parse(")
    expect(page.locator(".search-error")).to_contain_text("Not a valid pattern: unterminated group")
    assert viewer.pixel(rect["x"] + 5, rect["y"] + 3) == before


def test_the_wheel_zooms_at_the_pointer_and_a_drag_pans_without_a_click(viewer: Viewer) -> None:
    page = viewer.shown().page
    rect = viewer.rect("web", "main", "vfs_read")
    at = rect["x"] + rect["width"] / 2
    page.mouse.move(at, rect["y"] + 8)
    page.mouse.wheel(0, -200)
    page.wait_for_function("width => __flame.rectOf(['web']).width > 1.5 * width", arg=viewer.rect()["width"] / 2)
    wide = viewer.rect("web", "main", "vfs_read")
    assert (at - wide["x"]) / wide["width"] == pytest.approx(0.5, abs=0.01)
    page.mouse.down()
    page.mouse.move(at - 60, rect["y"] + 8, steps=3)
    page.mouse.up()
    assert viewer.rect("web", "main", "vfs_read")["x"] == pytest.approx(wide["x"] - 60, abs=2)
    assert viewer.crumbs() == ["all"]


def test_pointing_shows_the_frame_below_the_graph_and_never_over_it(viewer: Viewer) -> None:
    page = viewer.shown().page
    rect = viewer.rect("web", "main", "vfs_read")
    page.mouse.move(rect["x"] + 5, rect["y"] + 5)
    expect(page.locator("frame-detail")).to_contain_text("60 samples")
    graph, detail = page.locator("flame-graph").bounding_box(), page.locator("frame-detail").bounding_box()
    assert graph
    assert detail
    assert detail["y"] >= graph["y"] + graph["height"]


def test_a_url_brings_back_the_whole_view(viewer: Viewer) -> None:
    page = viewer.shown("tree=web&view=flame&color=hot&q=parse&zoom=web%3Bmain").page
    assert viewer.rect()["y"] > viewer.rect("web", "main")["y"]
    expect(page.get_by_role("group", name="Direction").locator('[aria-pressed="true"]')).to_have_text("Flame")
    expect(page.locator("search-box input")).to_have_value("parse")
    expect(page.locator("frame-legend")).to_contain_text("hues by name, no meaning")
    assert viewer.crumbs() == ["all", "web", "main"]


def test_grouping_asks_the_server_again(viewer: Viewer, server: tuple[str, list[str]]) -> None:
    page = viewer.shown().page
    page.get_by_label("Group by").select_option("comm,pid")
    page.wait_for_function("() => __flame.rectOf(['web', 'pid 812', 'main'])")
    assert "/trees/web?group=comm%2Cpid&detail=overview" in server[1]
    expect(page).to_have_url(re.compile(r"group=comm%2Cpid$"))
    page.go_back()
    page.wait_for_function("() => __flame.rectOf(['web', 'main'])")


def test_a_grouping_from_a_link_is_named_even_when_the_list_does_not_offer_it(viewer: Viewer) -> None:
    page = viewer.shown("tree=web&group=unit,container").page
    expect(page.get_by_label("Group by").locator("option:checked")).to_have_text("service, container")
    assert viewer.rect("web.service", "container fedcba987654", "main")


def test_a_live_run_grows_without_moving_what_is_looked_at(viewer: Viewer) -> None:
    page = viewer.open("").page
    expect(page.locator(".profile-message")).to_contain_text("No samples yet")
    update = "data => document.querySelector('profile-view').update(new Uint8Array(data).buffer)"

    def send(data: bytes) -> Any:
        return page.evaluate(update, list(data))

    send(message(web_profile()))
    viewer.click("web", "main", "parse")
    before = viewer.rect("web", "main", "parse")
    send(message(web_profile(7)))
    assert viewer.rect("web", "main", "parse") == before
    expect(page.locator("frame-detail")).to_contain_text("210 samples")
    send(b"WPT1 torn")
    expect(page.locator(".profile-notice")).to_contain_text("The graph shows the one before")
    assert viewer.rect("web", "main", "parse") == before


@pytest.mark.parametrize("width", [390, 200])
def test_narrow_windows_show_a_graph_and_never_scroll_sideways(viewer: Viewer, width: int) -> None:
    viewer.page.set_viewport_size({"width": width, "height": 800})
    page = viewer.shown("tree=lossy&q=parse").page
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    box = page.locator(CANVAS).bounding_box()
    assert box
    assert box["width"] > width * 0.8
    assert box["height"] >= 120
    viewer.click("web", "main")
    assert viewer.crumbs()[-1] == "main"


def test_the_theme_of_the_page_is_the_theme_of_the_graph(viewer: Viewer) -> None:
    page = viewer.shown("tree=one").page
    corner = page.locator("flame-graph").bounding_box()
    assert corner
    x, y = corner["x"] + 9, corner["y"] + corner["height"] - 9
    assert viewer.pixel(x, y)[:3] == [255, 255, 255]
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark' }")
    assert viewer.pixel(x, y)[:3] == [0x16, 0x1A, 0x20]


def test_the_trust_line_explains_its_causes_and_what_to_do(viewer: Viewer) -> None:
    page = viewer.shown("tree=lossy").page
    line = page.locator("quality-line")
    expect(line.locator(".verdict")).to_have_text("■Read with care")
    expect(line.locator(".headline")).to_have_text(re.compile(r"^82\.0\s% of 100 samples are whole$"))
    page.get_by_text("Why, and what to do").click()
    expect(line.get_by_role("heading")).to_have_text(
        ["Cut stacks", "Functions without a name", "Lost samples", "What recording cost"]
    )
    expect(line.get_by_role("table", name="Lost samples")).to_contain_text("the host was very busy")
    module = line.get_by_role("row", name="libx.so")
    expect(module).to_contain_text("libx1-dbgsym")
    expect(module).to_contain_text("build id ab12")
    outcome = line.get_by_role("row", name="code without unwind table")
    expect(outcome.locator("code").first).to_have_text("-XX:+PreserveFramePointer")
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_reason_finds_its_stacks_and_they_can_be_left_out(viewer: Viewer) -> None:
    page = viewer.shown("tree=lossy").page
    page.get_by_text("Why, and what to do").click()
    page.get_by_role("button", name="file not parsed yet").click()
    expect(page.locator(".search-result")).to_have_text(re.compile(r"^10\.9\s% matched · 1 frame$"))
    expect(page.locator("quality-line details")).not_to_have_attribute("open", "")
    assert viewer.rect("web", "[cut: file not parsed yet]", "parse")
    page.get_by_text("Why, and what to do").click()
    page.get_by_role("button", name="Hide cut stacks").click()
    page.wait_for_function("() => !__flame.rectOf(['web', '[cut: file not parsed yet]'])")
    expect(page).to_have_url(re.compile(r"stacks=whole"))
    page.get_by_role("combobox", name="Stacks").select_option("all")
    page.wait_for_function("() => __flame.rectOf(['web', '[cut: file not parsed yet]'])")
    expect(page).not_to_have_url(re.compile(r"stacks="))
    page.go_back()
    page.wait_for_function("() => !__flame.rectOf(['web', '[cut: file not parsed yet]'])")


def test_the_reasons_open_and_close_by_keyboard(viewer: Viewer) -> None:
    page = viewer.shown("tree=lossy").page
    summary = page.locator("quality-line summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("quality-line .causes")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Hide cut stacks")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("quality-line .causes")).to_be_hidden()
    expect(summary).to_be_focused()
