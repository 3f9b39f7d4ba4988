"""The explore page in a real Chromium, over a real store whose sums are known (known_fleet.py)."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import PATIENCE_MS, Troubles, enter
from tests.e2e.known_fleet import DAY_S, MIDNIGHT, NOON_S, PERIOD_NS, SECOND_NS, SERVICES, total
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
SHOP = 'service=~"shop-.*"'
SELECTOR, READOUT = "#selector input", "time-line .readout"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def session(browser: Browser, stack: Stack, fleet: None) -> Iterator[BrowserContext]:
    """One login, with its clock in UTC."""
    options: dict[str, Any] = {"timezone_id": "UTC", "reduced_motion": "reduce"}
    made = browser.new_context(base_url=stack.base_url, viewport={"width": 1440, "height": 900}, **options)
    made.set_default_timeout(PATIENCE_MS)
    enter(made, stack)
    yield made
    made.close()


@pytest.fixture
def explore(session: BrowserContext, troubles: Troubles) -> Iterator[Open]:
    """Opens the page at a part of the known day, in seconds after its midnight."""
    page = session.new_page()
    troubles.watch(page)

    def opened(selector: str = SHOP, begin_s: int = 0, end_s: int = DAY_S, **query: str) -> Page:
        page.goto(f"/explore/?{urlencode({'selector': selector, **moments(begin_s, end_s), **query})}")
        return page

    yield opened
    page.close()


def moments(begin_s: int, end_s: int, names: tuple[str, str] = ("since", "until")) -> dict[str, str]:
    times = ((MIDNIGHT + timedelta(seconds=s)).strftime("%Y-%m-%dT%H:%M:%SZ") for s in (begin_s, end_s))
    return dict(zip(names, times, strict=True))


def cpu_time(samples: int) -> str:
    """As pages write what samples of the known fleet stand for: hours, minutes or seconds and what is left of them."""
    seconds = samples * PERIOD_NS // SECOND_NS
    assert seconds >= 120, "seconds have decimals"
    large, small, names = (*divmod(seconds // 60, 60), "h min") if seconds >= 3600 else (*divmod(seconds, 60), "min s")
    first, second = names.split()
    return f"{large:,}\u2009{first} {small}\u2009{second}".replace(",", "\u2009")


def query_of(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_the_timeline_and_the_graph_have_the_same_known_total(explore: Open) -> None:
    page = explore()
    expect(page.locator(READOUT)).to_contain_text(f"1\u2009d · {cpu_time(total())}")
    expect(page.locator("#explore-facts")).to_contain_text("1\u2009152 profiles")
    expect(page.locator("frame-detail")).to_contain_text(f"{cpu_time(total())}")
    expect(page.locator("#explore-resolution")).to_contain_text("sums of")


def test_a_selector_is_completed_by_keys_alone(explore: Open) -> None:
    page = explore("")
    expect(page.locator("#explore-facts")).to_contain_text("profiles")
    field = page.locator(SELECTOR)
    field.press_sequentially("serv")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options).to_have_text([re.compile("^service")])
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", re.compile(".+"))
    field.press("Enter")
    expect(options.first).to_contain_text("is")
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value('service="')
    field.press_sequentially("job-3")
    expect(options).to_have_text([re.compile("shop-job-3.*96 profiles")])
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value('service="shop-job-3"')
    expect(options).to_have_text([re.compile("another condition")])
    field.press("Enter")
    expect(page.locator(READOUT)).to_contain_text(f"{cpu_time(total(service='shop-job-3'))}")
    assert query_of(page)["selector"] == 'service="shop-job-3"'
    page.reload()
    field.fill("")
    expect(options.first).to_contain_text("recent")


def test_an_error_points_at_the_character(explore: Open, troubles: Troubles) -> None:
    page = explore('service="shop-web" host="x"')
    error = page.get_by_role("alert")  # one: the graph was refused, too
    expect(error).to_contain_text("character 20: expected a comma or the end")
    expect(error.locator("mark")).to_have_text("h")
    expect(page.locator(SELECTOR)).to_have_attribute("aria-invalid", "true")
    troubles.expect("422")


def test_a_drag_over_the_bars_is_the_part_that_the_graph_shows(explore: Open) -> None:
    page = explore()
    expect(page.locator("time-line path").first).to_be_attached()
    box = page.locator("time-line .plot").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 6.05 / 24, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 11.95 / 24, box["y"] + 50, steps=4)
    page.mouse.up()
    wanted = total(6 * 3600, NOON_S)
    expect(page.locator(READOUT)).to_contain_text(f"06:00 – 12:00 · 6\u2009h · {cpu_time(wanted)}")
    expect(page.locator("frame-detail")).to_contain_text(f"{cpu_time(wanted)}")
    page.get_by_role("button", name="Zoom in").click()
    expect(page.locator("#explore-facts")).to_contain_text(f"{cpu_time(wanted)}")
    assert query_of(page)["since"].endswith("T06:00:00Z")
    page.go_back()
    page.go_back()
    expect(page.locator("frame-detail")).to_contain_text(f"{cpu_time(total())}")
    page.go_forward()
    expect(page.locator("frame-detail")).to_contain_text(f"{cpu_time(wanted)}")


def test_the_brush_is_moved_by_keys(explore: Open) -> None:
    page = explore(begin_s=0, end_s=3 * 3600)
    begin, end = (
        page.get_by_role("slider", name="Begin of the part"),
        page.get_by_role("slider", name="End of the part"),
    )
    expect(begin).to_have_attribute("aria-valuetext", re.compile("00:00"))
    steps = int(end.get_attribute("aria-valuenow") or "0")
    begin.focus()
    for _ in range(3):
        begin.press("Shift+ArrowRight")
    expect(begin).to_have_attribute("aria-valuenow", "30")
    end.press("ArrowLeft")
    expect(end).to_have_attribute("aria-valuenow", str(steps - 1))
    expect(page).to_have_url(re.compile(r"from=.*00%3A30%3A00Z"))
    end.press("Alt+ArrowLeft")
    expect(begin).to_have_attribute("aria-valuenow", "29")
    end.press("Escape")
    expect(begin).to_have_attribute("aria-valuenow", "0")
    expect(page.locator("frame-detail")).to_contain_text(f"{cpu_time(total(0, 3 * 3600))}")


def test_a_value_of_the_legend_is_focused_and_none_is_out_of_reach(explore: Open) -> None:
    page = explore()
    legend = page.locator("timeline-legend")
    page.get_by_role("button", name=re.compile("^5 others")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_have_count(len(SERVICES))
    dialog.get_by_label("Find a value").fill("job-6")
    expect(dialog.get_by_role("listitem")).to_have_text([re.compile(cpu_time(total(service="shop-job-6")))])
    dialog.get_by_role("button", name="shop-job-6").click()
    expect(page.locator("frame-detail")).to_contain_text(f"{cpu_time(total(service='shop-job-6'))}")
    expect(legend.get_by_role("button", name="shop-job-6")).to_have_attribute("aria-pressed", "true")
    legend.get_by_role("button", name="Every service").click()
    expect(legend.get_by_role("button", name="shop-job-6")).to_have_count(0)


def test_a_comparison_shows_what_is_new_gone_more_and_less(explore: Open) -> None:
    page = explore('service="shop-web"', **moments(NOON_S, 18 * 3600, ("from", "to")))
    page.get_by_label("Compare with").select_option("previous")
    sides = page.locator("compare-bar .sides")
    before, after = total(6 * 3600, NOON_S, "shop-web"), total(NOON_S, 18 * 3600, "shop-web")
    expect(sides).to_contain_text(f"06:00 – 12:00 {cpu_time(before)}")
    expect(sides).to_contain_text(f"12:00 – 18:00 {cpu_time(after)}")
    expect(page.locator("frame-legend")).to_contain_text("gone in B")
    page.get_by_role("tab", name="Changes").click()
    rows = page.locator(".changes tbody tr")
    expect(rows).to_have_text(
        [
            re.compile(r"escape30\.0\s%0\s%−30\.0 points.*gone in B"),
            re.compile(r"json\.loads20\.0\s%37\.5\s%\+17\.5 points.*more in B"),
            re.compile(r"cache\.get0\s%12\.5\s%\+12\.5 points.*new in B"),
            re.compile(r"gc\.collect.*−1\.7 points.*less in B"),
            re.compile(r"tcp_recvmsg.*\+1\.7 points.*more in B"),
        ]
    )
    page.get_by_role("button", name="Swap").click()
    expect(rows.first).to_contain_text("+30.0 points")
    assert query_of(page)["swap"] == "1"
    rows.first.get_by_role("button", name="escape").click()
    expect(page.locator("frame-detail")).to_contain_text("new in B")
    expect(page.get_by_role("tab", name="Flame graph")).to_have_attribute("aria-selected", "true")
    page.get_by_label("Change in").select_option("absolute")
    escape = total(6 * 3600, NOON_S, "shop-web", "escape")
    expect(page.locator("frame-detail")).to_contain_text(f"+{cpu_time(escape)}")
    expect(page).to_have_url(re.compile("change=absolute"))
    page.reload()
    expect(page.get_by_label("Change in")).to_have_value("absolute")
    expect(sides).to_contain_text(f"A {MIDNIGHT:%Y-%m-%d} 12:00 – 18:00 {cpu_time(after)}")


def test_labels_are_compared_with_labels(explore: Open) -> None:
    page = explore('service="shop-web", host="shop-1"')
    page.get_by_label("Compare with").select_option("labels")
    other = page.get_by_label("Selector of side A")
    other.fill('service="shop-web", host="shop-2"')
    other.press("Enter")
    half = total(service="shop-web") // 2
    expect(page.locator("compare-bar .sides")).to_contain_text(f'host="shop-2" {cpu_time(half)}')
    page.get_by_role("tab", name="Changes").click()
    expect(page.locator("change-table [role=status]")).to_have_text("No function changed.")


def test_functions_have_their_course_and_are_found_in_the_graph(explore: Open) -> None:
    page = explore()
    page.get_by_role("tab", name="Functions over time").click()
    names = page.locator(".functions tbody th bdi")
    expect(names.first).to_have_text("main")
    page.get_by_role("button", name="Self", exact=True).click()
    expect(names.first).to_have_text("tcp_recvmsg")
    assert query_of(page)["order"] == "own"
    row = page.get_by_role("row", name=re.compile("^json.loads"))
    expect(row).to_contain_text(cpu_time(total(frame="json.loads")))
    row.get_by_role("button", name="Show json.loads in the timeline").click()
    expect(page.locator("time-line .overlay-line")).to_have_attribute("d", re.compile("^M"))
    assert query_of(page)["fn"] == "json.loads"
    row.get_by_role("button", name="Graph").click()
    expect(page.locator("search-box .search-result")).to_contain_text("29.8")
    expect(page.locator("frame-detail .name")).to_have_text("json.loads")


def test_the_chart_comes_when_it_is_wanted_and_keeps_to_the_content_policy(explore: Open) -> None:
    page = explore(tab="functions")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator(".functions tbody tr").first).to_be_visible()
    assert not [url for url in asked if "plotly" in url]
    page.get_by_label("Show as").select_option("chart")
    legend = page.locator("function-chart .legendtext")
    expect(legend).to_have_count(12)
    expect(legend.first).to_have_text("main")
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(page.url).netloc}


def test_a_range_without_data_says_where_data_is(explore: Open) -> None:
    page = explore(begin_s=-5 * 3600, end_s=-4 * 3600)
    expect(page.get_by_role("heading", name="No profile fits this selector")).to_be_visible()
    explore(begin_s=int(1.2 * DAY_S), end_s=int(1.2 * DAY_S) + 3600)
    expect(page.get_by_role("heading", name="Nothing was recorded in this range")).to_be_visible()
    page.get_by_role("button", name="Show the last 1\u2009h of them").click()
    expect(page.locator(READOUT)).to_contain_text(f"{cpu_time(total(23 * 3600, DAY_S))}")


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_page(explore: Open, width: int) -> None:
    page = explore(vs="previous", **moments(NOON_S, 18 * 3600, ("from", "to")))
    page.set_viewport_size({"width": width, "height": 900})
    for tab in ("Flame graph", "Functions over time", "Changes"):
        page.get_by_role("tab", name=tab).click()
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_every_control_has_a_name_for_those_who_hear_the_page(explore: Open) -> None:
    page = explore(vs="range", tab="functions", **moments(0, 3600, ("vs_since", "vs_until")))
    expect(page.locator(".functions tbody tr").first).to_be_visible()
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("main :is(button, input, select, [role=slider], [role=tab])")]
            .filter((one) => one.checkVisibility() && !one.closest("[hidden]"))
            .filter((one) => !one.getAttribute("aria-label"))
            .filter((one) => !(one.labels?.[0]?.innerText.trim() || one.textContent.trim()))
            .map((one) => one.outerHTML)"""
    )
    assert nameless == []
    for role, name in (("combobox", "Selector: which profiles"), ("tablist", "What is shown of the selection")):
        expect(page.get_by_role(role, name=name)).to_be_visible()  # type: ignore[arg-type]


def test_hosts_are_rows_of_a_heat_map_and_a_row_or_a_part_of_it_is_looked_at(explore: Open) -> None:
    page = explore(by="host")
    page.get_by_role("button", name="Heat map").click()
    canvas = page.locator("#series-rows canvas")
    expect(canvas).to_have_attribute("aria-label", re.compile("144 columns of 10.min, 2 lanes"))
    box = canvas.bounding_box()
    assert box
    first_row = box["y"] + box["height"] / 4
    page.mouse.click(box["x"] + 10, first_row)
    expect(page.locator(READOUT)).to_contain_text(cpu_time(total() // 2))
    assert query_of(page)["selector"] == f'{SHOP}, host="shop-1"'
    page.go_back()
    expect(canvas).to_have_attribute("aria-label", re.compile("2 lanes"))
    gutter = 6 * 6.7 + 12  # names of six characters, and the room behind them
    hour = (box["width"] - gutter) / 24
    page.mouse.move(box["x"] + gutter + 6.05 * hour, first_row)
    page.mouse.down()
    page.mouse.move(box["x"] + gutter + 11.95 * hour, first_row, steps=3)
    page.mouse.up()
    expect(page.locator("frame-detail")).to_contain_text(cpu_time(total(6 * 3600, NOON_S) // 2))
    query = query_of(page)
    assert (query["from"][11:], query["to"][11:], query["rows"]) == ("06:00:00Z", "12:00:00Z", "1")
