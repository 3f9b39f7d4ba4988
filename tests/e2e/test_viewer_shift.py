"""What is in sight stays where it is while a heat map comes that the address asks for."""

import re
import time

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.test_every_page import MOST_SHIFTED, WATCH_SHIFTS
from tests.e2e.viewer_driver import Viewer

pytestmark = pytest.mark.e2e


def late(route: Route) -> None:
    """So late that all else is there."""
    time.sleep(0.3)
    route.continue_()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("rows", ["offset", "thread", "process", "cpu"])
def test_a_heat_map_of_the_address_moves_nothing_when_it_comes(viewer: Viewer, rows: str, width: int) -> None:
    page = viewer.page
    page.set_viewport_size({"width": width, "height": 844})
    page.add_init_script(f"({WATCH_SHIFTS})()")
    page.route(re.compile(r"/moments\?"), late)
    viewer.shown(f"tree=timed&heat={rows}")
    expect(page.locator("heat-map canvas")).to_have_attribute("aria-label", re.compile("Heat map of samples"))
    expect(page.locator("flame-graph canvas")).to_be_visible()
    page.evaluate("() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, *_ in shifts) <= MOST_SHIFTED, shifts


def test_a_heat_map_that_can_not_be_had_does_not_hold_back_the_graph(viewer: Viewer) -> None:
    page = viewer.page
    page.route(re.compile(r"/moments\?"), lambda route: route.fulfill(status=503))
    viewer.shown("tree=timed&heat=thread")
    expect(page.locator("profile-moments")).to_contain_text("status 503")
    expect(page.locator("flame-graph canvas")).to_be_visible()
