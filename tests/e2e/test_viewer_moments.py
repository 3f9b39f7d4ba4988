"""The heat map of a profile in a real Chromium: parts of the time, what ran when, two sides."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.viewer_driver import Viewer

pytestmark = pytest.mark.e2e
MAP = "heat-map canvas"
CANVAS = "flame-graph canvas"


def drag(page: Page, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place of the heat map to another, as shares of its width and of its height from the top."""
    box = page.locator(MAP).bounding_box()
    assert box
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (begin, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=4)
    page.mouse.up()


def opened(viewer: Viewer, query: str = "tree=timed") -> Page:
    page = viewer.shown(query).page
    if "heat=" not in query:
        page.get_by_role("button", name="Heat map").click()
    # Before its cells are there it has another height, and keys mean nothing.
    expect(page.locator(MAP)).to_have_attribute("aria-label", re.compile("Heat map of samples"))
    return page


def test_a_drag_over_the_heat_map_is_the_flame_graph_of_exactly_those_samples(viewer: Viewer) -> None:
    page = opened(viewer)
    expect(page).to_have_url(re.compile(r"heat=offset"))
    expect(page.locator(".heat-axis span")).to_have_text([f"{tenth / 10:g}\u2009s" for tenth in range(0, 20, 2)])
    # The first tenth of the first second: five samples of parse.
    drag(page, (0.1, 0.99), (0.1, 0.91))
    expect(page.locator(".heat-spans li")).to_contain_text("0–0.1\u2009s")
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 5 samples"))
    assert viewer.rect("web", "main", "parse")
    assert viewer.rect("web", "main", "vfs_read") is None
    expect(page).to_have_url(re.compile(r"at=0-0\.1"))
    page.go_back()
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 20 samples"))


def test_several_parts_are_added_and_taken_away(viewer: Viewer) -> None:
    page = opened(viewer, "tree=timed&heat=offset&at=0-0.1")
    page.keyboard.down("Shift")
    drag(page, (0.7, 0.99), (0.7, 0.96))
    page.keyboard.up("Shift")
    expect(page.locator(".heat-spans li")).to_have_count(2)
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 8 samples"))
    page.get_by_role("button", name="Remove 0–0.1").click()
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 3 samples"))
    page.locator(MAP).dblclick()
    expect(page.locator(".heat-spans li")).to_have_count(0)


def test_a_second_side_is_a_diff(viewer: Viewer) -> None:
    page = opened(viewer)
    page.locator(MAP).click(position={"x": 900, "y": 60})
    expect(page.locator(".heat-spans li")).to_contain_text("1–2\u2009s")
    page.get_by_role("button", name="Compare with").click()
    page.locator(MAP).click(position={"x": 100, "y": 60})
    expect(page).to_have_url(re.compile(r"at=1-2&base=0-1"))
    expect(page.locator("frame-legend")).to_contain_text("gone in B")
    page.get_by_role("group", name="View", exact=True).get_by_role("button", name="Table").click()
    expect(page.locator("diff-table tbody .name").first).to_have_text(re.compile("parse|vfs_read"))
    page.get_by_role("button", name="Swap A and B").click()
    expect(page).to_have_url(re.compile(r"at=0-1&base=1-2"))
    expect(page.locator(".heat-spans li")).to_have_text([re.compile("^A 1–2"), re.compile("^B 0–1")])
    parse = page.locator("diff-table tbody tr", has_text="parse")
    expect(parse).to_contain_text("+100 points")
    page.go_back()
    expect(parse).to_contain_text("−100 points")
    page.get_by_role("button", name="Remove A").click()
    expect(page.get_by_role("button", name="Swap A and B")).to_be_hidden()
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 10 samples"))


def test_a_function_shows_when_it_ran(viewer: Viewer) -> None:
    page = opened(viewer)
    viewer.click("web", "main", "vfs_read")
    page.get_by_role("button", name="When did vfs_read run?").click()
    expect(page.locator("profile-moments")).to_contain_text("50.0\u2009% of the samples.")
    expect(page).to_have_url(re.compile(r"ran=vfs_read"))
    page.get_by_role("button", name="Only stacks through vfs_read").click()
    expect(page.locator("profile-moments")).not_to_contain_text("of the samples.")


def test_the_heat_map_works_by_keyboard_and_says_where_it_is(viewer: Viewer) -> None:
    page = opened(viewer)
    page.locator(MAP).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".heat-told")).to_have_text("0–0.05\u2009s: 3 samples")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".heat-told")).to_have_text("1–1.05\u2009s: 3 samples")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".heat-told")).to_have_text("1–1.1\u2009s: 5 samples")
    page.keyboard.press("Space")
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 5 samples"))
    page.keyboard.press("Escape")
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 20 samples"))


def test_threads_have_lanes(viewer: Viewer) -> None:
    page = opened(viewer)
    page.get_by_role("combobox", name="Rows").select_option("Threads")
    expect(page.locator(MAP)).to_have_attribute("aria-label", re.compile("10 columns of 0.2 s, 1 lanes"))
    drag(page, (0.6, 0.5), (0.99, 0.5))
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 10 samples"))


def press_name(page: Page, row: int, rows: int) -> None:
    box = page.locator(MAP).bounding_box()
    assert box
    page.mouse.click(box["x"] + 20, box["y"] + (row + 0.5) * box["height"] / rows)


def test_a_press_on_the_name_of_a_cpu_is_the_flame_graph_of_exactly_its_samples(viewer: Viewer) -> None:
    page = opened(viewer)
    page.get_by_role("combobox", name="Rows").select_option("CPUs")
    expect(page.locator(MAP)).to_have_attribute("aria-label", re.compile("10 columns of 0.2 s, 3 lanes"))
    expect(page.locator(MAP)).to_have_attribute(
        "aria-description", re.compile("20 samples, most at 0–0.2.s .*CPU 0 60.0.%, CPU 1 20.0.%, CPU 3 20.0.%")
    )
    press_name(page, 0, 3)
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 12 samples"))
    expect(page.locator(".heat-spans li")).to_have_text(re.compile("CPU 0×"))
    expect(page).to_have_url(re.compile(r"at=%40cpu%3ACPU\+0"))
    page.keyboard.down("Shift")
    press_name(page, 2, 3)
    page.keyboard.up("Shift")
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 16 samples"))
    expect(page).to_have_url(re.compile(r"CPU\+0&at=.*CPU\+3"))
    page.go_back()
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 12 samples"))
    page.go_forward()
    expect(page.locator(".heat-spans li")).to_have_count(2)


def test_a_drag_within_a_row_is_of_that_row_and_two_rows_are_compared(viewer: Viewer) -> None:
    page = opened(viewer, "tree=timed&heat=cpu&base=%40cpu%3ACPU+1")
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 20 samples"))
    drag(page, (0.6, 0.2), (0.99, 0.2))
    expect(page.locator(".heat-spans li.at")).to_contain_text(re.compile("B CPU 0, [01].*–2.s"))
    expect(page.locator("frame-legend")).to_contain_text("gone in B")
    page.get_by_role("button", name="Remove A CPU 1").click()
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 6 samples"))


def test_a_row_is_taken_by_key(viewer: Viewer) -> None:
    page = opened(viewer, "tree=timed&heat=cpu")
    page.locator(MAP).focus()
    for key in ("ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator(".heat-told")).to_have_text(re.compile("CPU 1, 0–0.2.s: 2 samples"))
    page.keyboard.press("r")
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 4 samples"))
    expect(page.locator(".heat-spans li")).to_have_text(re.compile("CPU 1×"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+R")
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 8 samples"))
    page.keyboard.press("Escape")
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 20 samples"))


def test_the_table_tells_when_functions_ran_and_the_chart_has_a_lane_for_each_thread(viewer: Viewer) -> None:
    page = viewer.shown("tree=timed").page
    page.get_by_role("group", name="View", exact=True).get_by_role("button", name="Table").click()
    expect(page.locator("stack-table tbody tr", has_text="vfs_read").locator(".when")).to_have_attribute(
        "title", "most at 1–1.04\u2009s"
    )
    page.get_by_role("group", name="View", exact=True).get_by_role("button", name="Chart").click()
    lane = page.get_by_role("region", name="web 813").locator("canvas")
    expect(lane).to_have_attribute(
        "aria-label", re.compile("Flame graph of 2 s in 3 rows|Flame graph of 2.*s in 3 rows")
    )
    expect(page).to_have_url(re.compile("show=chart"))
    expect(page.locator("flame-chart .heat-axis span").first).to_have_text("0\u2009s")
    # The second of its two runs of main;vfs_read, from 1 s on.
    box = lane.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.502, box["y"] + 45)
    expect(page.locator("frame-detail .name")).to_have_text("vfs_read")
    expect(page.locator("flame-chart .heat-axis span").first).to_contain_text("1")
    expect(page).to_have_url(re.compile("fn=%3Dvfs_read"))


def test_steps_are_taken_on_the_chart_too_and_what_has_no_order_of_time_is_told(viewer: Viewer) -> None:
    page = viewer.shown("tree=timed&show=chart&do=hide%3Dvfs_read&do=invert").page
    lane = page.get_by_role("region", name="web 813").locator("canvas")
    expect(lane).to_have_attribute("aria-label", re.compile("Flame graph of 2.*s in 3 rows"))
    expect(page.locator("flame-chart")).to_contain_text(
        "Inverted: not in the chart, since callers have no order of time."
    )
    box = lane.bounding_box()
    assert box
    # A second after the start main;vfs_read ran.
    page.mouse.click(box["x"] + box["width"] * 0.502, box["y"] + 27)
    expect(page.locator("frame-detail .name")).to_have_text("main")
    page.goto(f"{viewer.base}/?tree=timed&show=chart&do=drop%3Dmain")
    expect(lane).to_have_attribute("aria-label", re.compile("Flame graph of 2.*s in 1 row"))


def test_the_time_that_the_chart_shows_is_in_the_url(viewer: Viewer) -> None:
    page = viewer.shown("tree=timed&show=chart&time=1-1.2").page
    marks = page.locator("flame-chart .heat-axis span")
    expect(marks.first).to_have_text("1\u2009s")
    expect(marks.last).to_have_text(re.compile(r"1\.1\d*\u2009s"))
    lane = page.get_by_role("region", name="web 813").locator("canvas")
    lane.focus()
    page.keyboard.press("0")
    expect(marks.first).to_have_text("0\u2009s")
    expect(page).not_to_have_url(re.compile("time="))
    box = lane.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.wheel(0, -400)
    expect(page).to_have_url(re.compile(r"time=0\.\d+-1\.\d+"))
    zoomed = marks.first.inner_text()
    assert zoomed != "0\u2009s"
    page.reload()
    expect(marks.first).to_have_text(zoomed)


def test_a_profile_without_cpus_offers_no_rows_of_them_and_says_why(viewer: Viewer) -> None:
    page = viewer.shown("tree=odd-crowded&heat=thread").page
    option = page.locator("profile-moments option[value=cpu]")
    expect(option).to_have_text("CPUs: not known of these samples")
    expect(option).to_be_disabled()


def test_a_link_to_a_row_that_is_not_there_says_so_and_leads_to_the_whole(viewer: Viewer) -> None:
    page = viewer.open("tree=timed&at=%40cpu%3ACPU+9").page
    expect(page.get_by_role("alert")).to_contain_text("no cpu 'CPU 9' in this recording")
    page.get_by_role("button", name="Show the whole recording").click()
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 20 samples"))


def test_the_lane_that_the_chart_is_scrolled_to_is_in_the_url(viewer: Viewer) -> None:
    page = viewer.shown("tree=odd-crowded&show=chart&lane=worker+109").page
    expect(page.get_by_role("region", name="worker 109")).to_be_in_viewport()
    expect(page.get_by_role("region", name="worker 100")).not_to_be_in_viewport()
    scroller = page.locator("flame-chart .panel-scroller")
    scroller.evaluate("scroller => scroller.scrollTo(0, 0)")
    expect(page).not_to_have_url(re.compile("lane="))
    scroller.evaluate("scroller => scroller.scrollTo(0, scroller.querySelector('section').offsetHeight * 2.5)")
    expect(page).to_have_url(re.compile(r"lane=worker\+102"))


@pytest.mark.parametrize("query", ["at=soon&base=1-2", "at=9-9&heat=spiral", "base=0-1", "at=2-1&ran=gone&heat=thread"])
def test_a_damaged_link_shows_what_can_be_read(viewer: Viewer, query: str) -> None:
    page = viewer.shown(f"tree=timed&{query}").page
    expect(page.locator(CANVAS)).to_have_attribute("aria-label", re.compile("Flame graph of 20 samples"))
