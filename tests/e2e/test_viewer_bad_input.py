"""Bad input in every view, wide and 200 px narrow, in a real Chromium (the profiles: odd_profiles.py)."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from tests.e2e.viewer_driver import Viewer

pytestmark = pytest.mark.e2e
WIDE, NARROW = {"width": 1200, "height": 700}, {"width": 200, "height": 700}
MARKUP = "<img src=x onerror=window.hacked=1>"
FUNCTION = quote(f"={MARKUP}")
# Button of the view, its element, and something that stands there of every profile.
VIEWS = {
    "Table": ("stack-table", "tbody tr:not(.spacer)"),
    "Sandwich": ("sandwich-view", "canvas"),
    "Call tree": ("call-tree", "tbody tr:not(.spacer)"),
    "Chart": ("flame-chart", ".chart-lanes canvas"),
    "Graph": ("flame-graph", "canvas"),
}
SIDES = {
    "Table": ("diff-table", "tbody tr:not(.spacer)"),
    "Sandwich": ("sandwich-view", "canvas"),
    "Call tree": ("call-tree", "tbody tr:not(.spacer)"),
    "Graph": ("flame-graph", "canvas"),
}
HARMLESS = """() => [window.hacked ?? null, document.querySelectorAll("profile-view img").length,
    document.documentElement.scrollWidth - document.documentElement.clientWidth]"""


def shows(page: Page, view: str, views: dict[str, tuple[str, str]]) -> Locator:
    """Choose a view: it is there at both widths, no name became markup, and nothing pushes the page wide."""
    element, part = views[view]
    page.locator("transform-bar").get_by_role("button", name=view, exact=True).click()
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        expect(page.locator(f"{element} {part}").first).to_be_visible()
        assert page.evaluate(HARMLESS) == [None, 0, 0], f"{view} at {size['width']} px"
    return page.locator(element)


def has_all_names(there: Locator) -> None:
    for text in ("(no name)", MARKUP, "\ufffdgnp.exe", "שלום", "🔥🔥", "x" * 50):
        expect(there).to_contain_text(text)


def test_hostile_names_stay_text_in_every_view(viewer: Viewer) -> None:
    page = viewer.shown(f"tree=odd-names&show=table&heat=thread&fn={FUNCTION}").page
    expect(page.locator("heat-map canvas")).to_be_visible()
    has_all_names(shows(page, "Table", VIEWS))
    expect(shows(page, "Sandwich", VIEWS).get_by_role("heading", name=MARKUP)).to_be_visible()
    has_all_names(shows(page, "Call tree", VIEWS))
    expect(shows(page, "Chart", VIEWS).locator(".chart-lanes section")).to_have_count(4)
    shows(page, "Graph", VIEWS)


def test_hostile_names_stay_text_in_every_view_of_two_sides(viewer: Viewer) -> None:
    page = viewer.shown(f"tree=odd-names&show=table&at=1-2&base=0-1&fn={FUNCTION}").page
    has_all_names(shows(page, "Table", SIDES))
    expect(shows(page, "Sandwich", SIDES).get_by_role("heading", name=MARKUP)).to_be_visible()
    has_all_names(shows(page, "Call tree", SIDES))
    shows(page, "Graph", SIDES)


@pytest.mark.parametrize(
    ("tree", "function", "facts"),
    [
        ("one", "main", "1 function"),
        ("deep", "f3", "5 samples"),
        ("values", "nothing", "9\u2009223\u2009372\u2009036\u2009854\u2009776\u2009000 samples"),
    ],
)
def test_a_tree_of_one_frame_a_stack_of_ten_thousand_and_the_least_and_largest_values_have_every_view(
    viewer: Viewer, tree: str, function: str, facts: str
) -> None:
    page = viewer.shown(f"tree=odd-{tree}&show=table&heat=offset&fn=%3D{function}").page
    expect(page.locator("heat-map canvas")).to_be_visible()
    expect(shows(page, "Table", VIEWS)).to_contain_text(facts)
    for view in VIEWS:
        shows(page, view, VIEWS)
    page = viewer.shown(f"tree=odd-{tree}&show=table&at=0-1&base=0-1&fn=%3D{function}").page
    for view in SIDES:
        if (tree, view) != ("values", "Sandwich"):  # what is worth nothing has no time, and is on neither side
            shows(page, view, SIDES)


def test_what_was_worth_nothing_and_is_worth_all_that_a_value_can_be(viewer: Viewer) -> None:
    page = viewer.shown("tree=most-and-nothing&show=table&fn=%3Dmuch").page
    for view in SIDES:
        there = shows(page, view, SIDES)
        if view == "Table":
            expect(there).to_contain_text("+100\u2009points")
            expect(there).to_contain_text("−100\u2009points")


def test_a_profile_of_nothing_says_so_in_every_view_and_teaches(viewer: Viewer) -> None:
    page = viewer.shown("tree=odd-none&heat=offset").page
    expect(page.locator("profile-moments > [role=status]")).to_contain_text("has no times of its samples")
    for view in VIEWS:
        page.goto(f"{viewer.base}/?tree=odd-none&show={view.lower().replace('call ', '')}&fn=%3Dmain")
        expect(page.locator(".profile-message")).to_contain_text("This profile is empty: no stack was sampled")
        expect(page.get_by_role("link", name="Record again")).to_be_visible()
    assert page.evaluate(HARMLESS) == [None, 0, 0]


def test_a_million_callees_of_one_function_have_every_view(viewer: Viewer) -> None:
    page = viewer.shown("tree=million&show=table&fn=%3Df7").page
    expect(shows(page, "Table", VIEWS)).to_contain_text("5\u2009001 functions")
    expect(shows(page, "Sandwich", VIEWS)).to_contain_text("200 samples, in 200 places")
    tree = shows(page, "Call tree", VIEWS)
    expect(tree.get_by_role("row")).not_to_have_count(0)
    main = tree.get_by_role("row", name=re.compile("main"))
    main.locator(".twisty").click()
    expect(tree.get_by_role("row", name=re.compile("f\\d")).first).to_be_visible()
    expect(main).to_contain_text("and 999\u2009800 smaller frames below, >99.9\u2009%")
    assert tree.locator("tbody tr:not(.spacer)").count() < 200, "only rows in view exist"
    shows(page, "Graph", VIEWS)


def test_a_million_callees_on_two_sides_have_every_view(viewer: Viewer) -> None:
    page = viewer.shown("tree=million-sides&show=table&fn=%3Df7").page
    for view in SIDES:
        shows(page, view, SIDES)
    expect(page.locator("frame-detail")).to_contain_text("400 samples")


def test_more_than_a_chart_can_show_says_so_and_a_part_of_it_is_drawn(viewer: Viewer) -> None:
    page = viewer.shown("tree=odd-crowd&show=chart").page
    lane = page.locator(".chart-lanes section")
    expect(lane).to_contain_text("more than 300,000 frames one after the other: choose a part of the time")
    viewer.shown("tree=odd-crowd&show=chart&at=2-4&heat=offset")
    expect(lane.locator("canvas")).to_be_visible()
    assert page.evaluate("() => document.querySelector('flame-chart flame-graph').tree.length") > 30_000


def test_two_sides_of_nothing_say_so_in_every_view(viewer: Viewer) -> None:
    page = viewer.page
    for tree, view in (("odd-none", "graph"), *(("timed", view) for view in ("graph", "table", "sandwich", "tree"))):
        viewer.shown(f"tree={tree}&at=60-61&base=50-51&show={view}&fn=%3Dmain")
        expect(page.locator(".profile-message")).to_contain_text("Nothing was sampled in this part of the time")
        assert page.evaluate(HARMLESS) == [None, 0, 0], view


GONE = [
    ("show=tree&zoom=web%3Bgone", ".profile-notice", "“gone” that the link points at is not in this profile"),
    ("show=table&zoom=web%3Bgone", ".profile-notice", "“gone” that the link points at is not in this profile"),
    ("show=sandwich&fn=%3Dgone", "sandwich-view", "is not in this profile. Choose a function"),
    ("show=sandwich&fn=bogus", "sandwich-view", "does not say which frames. Choose a function"),
    ("heat=thread&ran=gone", "profile-moments", "No sample that has a time went through “gone”"),
    ("at=1-2&base=0-1&zoom=web%3Bgone", ".profile-notice", "“gone” that the link points at"),
    ("at=1-2&base=0-1&show=table&zoom=web%3Bgone", ".profile-notice", "“gone” that the link points at"),
    ("at=1-2&base=0-1&show=tree&zoom=web%3Bgone", ".profile-notice", "“gone” that the link points at"),
    ("at=1-2&base=0-1&show=sandwich&fn=%3Dgone", "sandwich-view", "is not in this profile"),
    ("show=chart&zoom=gone", ".profile-notice", "“gone” that the link points at"),
    ("do=focus%3Dgone", "transform-bar", "nothing was dropped"),
    ("at=50-60", ".profile-message", "Nothing was sampled in this part of the time"),
    ("show=odd&color=no&view=up&sort=shoe&heat=hot&stacks=no&find=x&change=y&at=z", "frame-detail", "20 samples"),
]


def test_a_url_of_what_is_no_longer_there_says_what_is_missing(viewer: Viewer) -> None:
    page = viewer.page
    for query, where, says in GONE:
        viewer.shown(f"tree=timed&{query}")
        expect(page.locator(where).first).to_contain_text(says)
        if query.startswith("at=50"):
            page.get_by_role("button", name="Show the whole recording").click()
            expect(page.locator("frame-detail")).to_contain_text("20 samples")


def cut_short(route: Route) -> None:
    answer: APIResponse = route.fetch()
    route.fulfill(response=answer, body=answer.body()[:-60])


def of_the_future(route: Route) -> None:
    """Another schema of tree messages; of JSON, which has no number for it, other fields."""
    answer: APIResponse = route.fetch()
    body = answer.body().replace(b'"schema":1', b'"schema":9').replace(b'"counts"', b'"layers"')
    route.fulfill(response=answer, body=body)


SCHEMA = "schema 9; this page reads schema 1. Reload the page"
JSON_OF_ANOTHER = "is not one that this page knows. Reload the page"


@pytest.mark.parametrize(
    ("query", "asked", "where", "cut", "future"),
    [
        ("tree=timed&show=chart", "**/moments?*by=chart*", "flame-chart", "data arrived damaged", SCHEMA),
        ("tree=timed&show=chart", "**/moments?*by=thread*", ".panel-wait", "answer arrived damaged", JSON_OF_ANOTHER),
        ("tree=timed&heat=offset", "**/moments?*by=offset*", "profile-moments", "arrived damaged", JSON_OF_ANOTHER),
        ("tree=timed&at=1-2&base=0-1", "**/trees/timed?*base=*", ".profile-message", "data arrived damaged", SCHEMA),
        ("tree=wide", "**/trees/wide?detail=overview", ".profile-message", "cut short in section", SCHEMA),
        ("tree=wide&show=table", "**/trees/wide", ".profile-notice", "cut short in section", SCHEMA),
    ],
)
def test_an_answer_cut_short_or_of_another_schema_is_said_where_it_was_asked_for(
    viewer: Viewer, query: str, asked: str, where: str, cut: str, future: str
) -> None:
    page = viewer.page
    for spoil, says in ((cut_short, cut), (of_the_future, future)):
        page.route(asked, spoil)
        viewer.open(query)
        expect(page.locator(where).first).to_contain_text(says)
        page.unroute(asked, spoil)


def test_a_table_without_its_sparklines_is_a_table(viewer: Viewer) -> None:
    page = viewer.page
    for spoil in (cut_short, of_the_future):
        page.route("**/moments?*by=function*", spoil)
        with page.expect_response("**/moments?*by=function*"):
            viewer.shown("tree=timed&show=table")
        expect(page.locator("stack-table")).to_contain_text("vfs_read")
        expect(page.locator("stack-table td.when svg")).to_have_count(0)
        page.unroute("**/moments?*by=function*", spoil)
