"""Table, sandwich, call tree and steps in a real Chromium: what people do with them."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.viewer_driver import Viewer, double_click

pytestmark = pytest.mark.e2e


def view(page: Page, name: str) -> None:
    page.get_by_role("group", name="View", exact=True).get_by_role("button", name=name).click()


def names(page: Page) -> list[str]:
    return page.locator("stack-table tbody .name").all_inner_texts()


def test_the_table_sorts_filters_and_leads_to_the_sandwich(viewer: Viewer) -> None:
    page = viewer.shown().page
    view(page, "Table")
    row = page.locator("stack-table tbody tr", has_text="parse")
    # parse below parse: two places, its 30 samples count once.
    expect(row).to_contain_text(re.compile(r"30\.0\s%30 samples.*30\.0\s%30 samples2parse"))
    assert names(page) == ["vfs_read", "parse", "main", "web"]
    page.get_by_role("button", name="Function", exact=True).click()
    expect(page.locator("stack-table tbody .name").first).to_have_text("main")
    expect(page).to_have_url(re.compile(r"show=table.*sort=name"))
    page.locator("search-box input").fill("^pa")
    expect(page.locator(".panel-status")).to_have_text("1 of 4 functions match the search")
    row.dblclick()
    expect(page.locator("sandwich-view h2")).to_have_text("parse")
    expect(page.locator("sandwich-view header")).to_contain_text("30 samples, in 1 place")
    expect(page).to_have_url(re.compile(r"show=sandwich.*fn=%3Dparse"))
    # Callers stand on the function, also in a window of another height.
    foot = "s => s.scrollHeight - s.clientHeight - s.scrollTop"
    for height in (420, 900, 500):
        page.set_viewport_size({"width": 1200, "height": height})
        viewer.pixel(5, 5)
        below = page.locator(".sandwich-half .flame-scroller").first.evaluate(foot)
        assert below == pytest.approx(0, abs=1)
    page.go_back()
    expect(page.locator("stack-table")).to_be_visible()


def test_the_table_works_by_keyboard(viewer: Viewer) -> None:
    page = viewer.shown("tree=web&show=table").page
    grid = page.get_by_role("grid", name="Functions")
    expect(grid.get_by_role("row")).to_have_count(5)
    grid.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(grid.locator('[aria-selected="true"]')).to_contain_text("parse")
    expect(page.locator("frame-detail .name")).to_have_text("parse")
    page.keyboard.press("Enter")
    expect(page.locator("sandwich-view h2")).to_have_text("parse")


def test_what_is_selected_in_the_graph_is_selected_everywhere(viewer: Viewer) -> None:
    page = viewer.shown().page
    viewer.click("web", "main", "vfs_read")
    view(page, "Table")
    expect(page.locator('stack-table [aria-selected="true"]')).to_contain_text("vfs_read")
    view(page, "Call tree")
    expect(page.locator('call-tree [aria-selected="true"]')).to_contain_text("vfs_read")
    view(page, "Sandwich")
    expect(page.locator("sandwich-view h2")).to_have_text("vfs_read")
    view(page, "Table")
    page.locator("stack-table tbody tr", has_text="parse").click()
    view(page, "Graph")
    expect(page.locator("frame-detail .name")).to_have_text("parse")


def test_the_call_tree_opens_its_main_path_and_is_a_tree_grid(viewer: Viewer) -> None:
    page = viewer.shown("tree=web&show=tree").page
    grid = page.get_by_role("treegrid", name="Call tree")
    row = grid.get_by_role("row", name="main")
    expect(row).to_have_attribute("aria-level", "3")
    expect(row).to_have_attribute("aria-expanded", "true")
    parse = grid.get_by_role("row", name="parse")
    expect(parse).to_have_count(1)
    expect(parse).to_have_attribute("aria-posinset", "2")
    expect(parse).to_have_attribute("aria-setsize", "2")
    parse.click()
    grid.focus()
    page.keyboard.press("ArrowRight")
    expect(parse).to_have_count(2)
    page.keyboard.press("ArrowRight")
    expect(grid.locator('[aria-selected="true"]')).to_have_attribute("aria-level", "5")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(parse).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("zoom-crumbs [aria-current]")).to_have_text("parse")


def test_steps_are_taken_told_and_undone_and_live_in_the_url(viewer: Viewer) -> None:
    page = viewer.shown().page
    viewer.click("web", "main", "parse")
    page.get_by_role("button", name="Drop").click()
    expect(page.locator("transform-bar li")).to_contain_text("Without stacks through parse")
    expect(page.locator("transform-bar .kept")).to_have_text(re.compile(r"^70\.0\s% is left, 30\.0\s% was dropped$"))
    assert viewer.rect("web", "main", "parse") is None
    expect(page).to_have_url(re.compile(r"do=drop%3Dparse"))
    page.get_by_role("combobox", name="Change what is shown").select_option("Hide the kernel")
    expect(page.locator("transform-bar li")).to_have_count(2)
    assert viewer.rect("web", "main", "vfs_read") is None
    expect(page).to_have_url(re.compile(r"do=hide%25kernel"))
    page.go_back()
    expect(page.locator("transform-bar li")).to_have_count(1)
    assert viewer.rect("web", "main", "vfs_read")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("transform-bar li")).to_have_count(0)
    assert viewer.rect("web", "main", "parse")
    page.get_by_text("By name…").click()
    mine = page.get_by_label("Regular expression of frame names")
    mine.fill("(")
    page.locator(".own-step").get_by_role("button", name="Drop").click()
    expect(page.locator(".own-error")).to_contain_text("Not a valid pattern")
    mine.fill("^vfs")
    page.locator(".own-step").get_by_role("button", name="Keep only").click()
    expect(page.locator("transform-bar li")).to_contain_text("Only stacks through")
    expect(page).to_have_url(re.compile(r"do=keep%7E%5Evfs"))
    with page.expect_download() as saved:
        page.get_by_role("combobox", name="Save what is shown").select_option("Stacks (folded)")
    assert saved.value.path().read_text() == "web;main;vfs_read 60\n"
    with page.expect_download() as saved:
        page.get_by_role("combobox", name="Save what is shown").select_option("Picture of the graph (PNG)")
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")
    assert viewer.rect("web", "main", "parse") is None


def test_a_function_can_be_collapsed_and_its_module_merged(viewer: Viewer) -> None:
    page = viewer.shown().page
    viewer.click("web", "main", "parse")
    more = page.get_by_role("combobox", name="More about the selected function")
    more.select_option("Collapse below: what it called is its own")
    expect(page.locator("transform-bar li")).to_have_text([re.compile("Collapsed below parse")])
    assert viewer.rect("web", "main", "parse", "parse") is None
    viewer.click("web", "main")
    more.select_option("Merge module web to one frame")
    expect(page.locator("transform-bar .kept")).to_have_text("nothing was dropped")
    assert viewer.rect("web", "web")["width"] == viewer.rect()["width"]
    assert viewer.rect("web", "web", "vfs_read")
    expect(page).to_have_url(re.compile(r"do=collapse%3Dparse&do=merge%40%5Eweb%24"))


def test_the_legend_hides_and_keeps_what_a_colour_stands_for(viewer: Viewer) -> None:
    page = viewer.shown().page
    legend = page.get_by_role("list", name="Colours")
    page.get_by_role("combobox", name="Colour").select_option("by module")
    expect(page).to_have_url(re.compile(r"color=module"))
    legend.get_by_text("web").click()
    page.keyboard.press("Escape")
    expect(legend.get_by_role("button", name="Hide")).to_be_hidden()
    legend.get_by_text("web").click()
    legend.get_by_role("button", name="Drop stacks through").click()
    expect(page.locator("transform-bar li")).to_contain_text("Without stacks through module web")
    expect(page).to_have_url(re.compile(r"do=drop%3Aweb"))
    page.go_back()
    page.get_by_role("combobox", name="Colour").select_option("by kind")
    legend.get_by_text("kernel").click()
    legend.get_by_role("button", name="Only these").click()
    assert viewer.rect("web", "vfs_read")["width"] == pytest.approx(viewer.rect()["width"] * 0.6, abs=2)
    expect(legend.get_by_text("native")).to_have_count(0)


def test_a_preset_of_two_steps_is_undone_step_by_step(viewer: Viewer) -> None:
    page = viewer.shown().page
    page.get_by_role("combobox", name="Change what is shown").select_option("Application only")
    expect(page.locator("transform-bar li")).to_have_count(2)
    page.get_by_role("combobox", name="Change what is shown").select_option("Group by module")
    expect(page).to_have_url(re.compile(r"do=group%3Amodule"))
    assert viewer.rect("web", "web")
    page.go_back()
    expect(page.locator("transform-bar li")).to_have_count(2)
    page.go_back()
    expect(page.locator("transform-bar li")).to_have_count(0)


def test_a_link_brings_back_the_steps_and_says_which_could_not_be_taken(viewer: Viewer) -> None:
    page = viewer.shown("tree=web&do=invert&do=hide%3Dgone&do=fly").page
    assert viewer.rect("parse", "parse", "main", "web")
    expect(page.locator("transform-bar li.skipped")).to_have_text(
        [re.compile(r"gone.*no frame of that name"), re.compile("fly.*no such step")]
    )
    expect(page.locator("transform-bar .kept")).to_have_text("nothing was dropped")


def test_when_nothing_is_left_the_page_says_so_and_the_step_can_be_undone(viewer: Viewer) -> None:
    page = viewer.shown("tree=web&do=drop%3Dmain").page
    expect(page.get_by_text("Nothing is left")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    assert viewer.rect("web", "main", "parse")


def test_the_table_and_the_sandwich_are_of_what_the_steps_left(viewer: Viewer) -> None:
    page = viewer.shown("tree=web&do=recursion&show=table").page
    row = page.locator("stack-table tbody tr", has_text="parse")
    expect(row.locator(".places")).to_have_text("1")


def test_a_big_profile_is_worked_on_in_a_worker_and_only_rows_in_view_exist(viewer: Viewer) -> None:
    page = viewer.open("tree=wide&show=table&do=drop~f.*0$").page
    with page.expect_worker() as worker:
        page.reload()
    assert worker.value.url.endswith("/answers-worker.js")
    expect(page.locator(".panel-status")).to_have_text(re.compile(r"^36\s005 functions$"))
    assert page.locator("stack-table tbody tr").count() < 100
    page.get_by_role("grid", name="Functions").focus()
    page.keyboard.press("End")
    expect(page.locator('stack-table [aria-selected="true"]')).to_be_in_viewport()
    view(page, "Sandwich")
    expect(page.locator("sandwich-view header")).to_contain_text("in 1 place")
    view(page, "Call tree")
    expect(page.get_by_role("treegrid", name="Call tree").get_by_role("row")).not_to_have_count(1)
    assert page.locator("call-tree tbody tr").count() < 100


def test_two_sides_have_a_table_by_change(viewer: Viewer) -> None:
    page = viewer.shown("tree=changed").page
    view(page, "Table")
    grid = page.get_by_role("grid", name="Functions by change")
    cells = page.locator("diff-table tbody .name")
    expect(cells).to_have_text(["old", "json.loads", "vfs_read", "main", "new"])
    expect(grid.get_by_role("row", name="old")).to_contain_text(re.compile("\u22129.0 points.*9.0.%0.%"))
    page.get_by_role("button", name="Δ total").click()
    expect(cells.first).to_have_text("old")
    expect(cells.nth(1)).to_have_text("new")
    expect(page).to_have_url(re.compile(r"show=table&sort=total"))
    page.get_by_role("combobox", name="Change in").select_option("values")
    expect(grid.get_by_role("row", name="new")).to_contain_text("+160 samples")
    page.locator("search-box input").fill("^js")
    expect(cells).to_have_text(["json.loads"])
    grid.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("frame-detail .name")).to_have_text("json.loads")


def test_two_sides_have_a_call_tree_by_change_steps_and_a_sandwich(viewer: Viewer) -> None:
    page = viewer.shown("tree=changed&show=tree").page
    grid = page.get_by_role("treegrid", name="Call tree")
    grid.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(grid.get_by_role("row", name="old")).to_contain_text("\u22129.0 points9.0\u2009%0\u2009%")
    page.get_by_role("button", name="Function", exact=True).click()
    expect(page).to_have_url(re.compile("sort=name"))
    page.get_by_role("combobox", name="Change what is shown").select_option("Hide the kernel")
    expect(page.locator("transform-bar .kept")).to_have_text("nothing was dropped")
    expect(page).to_have_url(re.compile(r"do=hide%25kernel"))
    view(page, "Table")
    expect(page.locator("diff-table tbody .name")).not_to_contain_text(["vfs_read"])
    sandwich = page.locator("sandwich-view header")
    double_click(page.locator("diff-table tbody tr", has_text="json.loads"), sandwich)
    expect(sandwich).to_contain_text(re.compile("json.loads.*A 4.*%.*, B 9.*%.*points"))
    view(page, "Graph")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("transform-bar li")).to_have_count(0)


def test_a_view_comes_with_its_rows_so_that_no_key_is_lost(viewer: Viewer) -> None:
    page, held = viewer.page, list[Route]()
    page.route("**/analyst.js", lambda route: held.append(route))  # noqa: PLW0108 the driver marks what it is given
    with page.expect_request("**/analyst.js"):
        viewer.shown("tree=changed&show=tree")
    expect(page.locator("call-tree")).to_have_count(0)
    held[0].continue_()
    page.get_by_role("treegrid", name="Call tree").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator('call-tree [aria-selected="true"]')).to_contain_text("main")


@pytest.mark.parametrize("show", ["table", "sandwich", "tree"])
@pytest.mark.parametrize("tree", ["one", "hostile", "deep", "empty"])
def test_odd_profiles_open_in_every_view(viewer: Viewer, show: str, tree: str) -> None:
    page = viewer.shown(f"tree={tree}&show={show}").page
    if tree == "empty":
        expect(page.locator(".profile-message")).to_be_visible()
        return
    panel = page.locator({"table": "stack-table", "sandwich": "sandwich-view", "tree": "call-tree"}[show])
    expect(panel).to_be_visible()
    expect(panel.locator(".name bdi, h2").first).not_to_be_empty()
    assert page.evaluate("() => window.hacked") is None
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("show", ["table", "sandwich", "tree"])
def test_narrow_windows_show_every_view(viewer: Viewer, show: str) -> None:
    viewer.page.set_viewport_size({"width": 390, "height": 844})
    page = viewer.shown(f"tree=web&show={show}&do=drop%3Dvfs_read").page
    expect(page.locator("stack-table, sandwich-view, call-tree")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    # More than a few rows are seen at once.
    assert page.evaluate("() => document.querySelector('.profile-stage').clientHeight / innerHeight") > 0.5
