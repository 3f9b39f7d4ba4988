"""Each page, wide and on a phone: it fits, does not move while it comes, and axe-core finds nothing serious."""

import re
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from profiler.core.channel import EntryKind, RunState
from tests.agent.servers import wait_for
from tests.agent_double import AgentDouble
from tests.e2e.axe import DESK, PHONE, findings
from tests.e2e.conftest import Troubles
from tests.e2e.known_fleet import MIDNIGHT
from tests.e2e.stack import Stack
from tests.e2e.test_recording import start

pytestmark = pytest.mark.e2e
PROFILE_URL = re.compile(r"/profiles/[0-9a-f-]{36}/$")
FOLDED = b"web;main;parse 30\nweb;main;sys_read_[k] 60\nweb;main 10\n"
RANGE = urlencode({"since": MIDNIGHT.isoformat(), "until": (MIDNIGHT + timedelta(days=1)).isoformat()})
# One host beside another.
HOSTS = [f'service="shop-web", host="shop-{number}"' for number in (1, 2)]
HOSTS_APART = f"/explore/?{RANGE}&" + urlencode({"selector": HOSTS[0], "vs": "labels", "vs_selector": HOSTS[1]})
PAGES = (
    "/hosts/", "/hosts/web-1/", "/hosts/web-1/feeds/", "/hosts/web-1/feeds/signals/", "/hosts/web-1/histograms/",
    "/hosts/web-1/histograms/run_queue_latency/", "/record/?host=web-1", "/profiles/",
    "/profiles/?q=nothing", "/explore/", f"/explore/?{RANGE}", f"/explore/?{RANGE}&tab=functions", "/operations/",
    "/checkups/", "/continuous/", "/services/", "/services/?preview=1&source=program&pattern=(.*)&service=x",
    "/debug-files/", "/tokens/", "/probes/", "/bpftrace/?use=function-latency", "PROFILE", "PROFILE?show=table",
    "SHARE", "EMBED", "/nowhere/", "RUN", HOSTS_APART, f"{HOSTS_APART}&tab=changes",
)  # fmt: skip
NAMELESS = """() => [...document.querySelectorAll("a, button, input, select, summary")]
    .filter((e) => e.type !== "hidden" && e.getClientRects().length > 0)
    .filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length || e.title))
    .map((e) => e.outerHTML)"""
WATCH_SHIFTS = """() => {
    window.shifts = [];
    const told = ({ node, previousRect: a, currentRect: b }) => [node?.nodeName, a.x, a.y, b.x, b.y];
    const keep = (list) => list.getEntries().forEach((one) => shifts.push([one.value, ...one.sources.map(told)]));
    new PerformanceObserver(keep).observe({ type: "layout-shift", buffered: true });
}"""
# Of a window that moved, times how far: what a person may notice begins at a tenth.
MOST_SHIFTED = 0.01


def slowly(route: Route) -> None:
    """As a server that has to think: the shape that waits is seen, too."""
    time.sleep(0.3)
    route.continue_()


def wrong_here(page: Page) -> list[str]:
    """What is wider than the window, without a name, or moved while the page came."""
    page.wait_for_load_state("networkidle")
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    shifts = page.evaluate("window.shifts")
    found = [f"{too_wide} px wider than its window"] if too_wide > 0 else []
    found += [f"without a name: {element}" for element in page.evaluate(NAMELESS)]
    return [*found, f"moved while it came: {shifts}"] if sum(value for value, *_ in shifts) > MOST_SHIFTED else found


@pytest.fixture
def folded(tmp_path: Path) -> Path:
    path = tmp_path / "before.folded"
    path.write_bytes(FOLDED)
    return path


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_fits_its_window_names_its_controls_and_does_not_move_while_it_comes(
    page: Page, stack: Stack, host: AgentDouble, fleet: None, folded: Path, troubles: Troubles, size: ViewportSize
) -> None:
    page.goto("/profiles/")
    page.get_by_label("Upload…").set_input_files(folded)
    page.wait_for_url(PROFILE_URL)
    known = {"PROFILE": page.url}
    page.get_by_role("button", name="Share…").click()
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator("#share-list tbody tr")).to_have_count(1)
    known["SHARE"] = page.get_by_label("The new link").input_value()
    known["EMBED"] = known["SHARE"].replace("/s/", "/embed/")
    wait_for(lambda: stack.is_free("web-1"), "the last run on web-1 to be over")
    begun = start(page, "web-1")
    known["RUN"] = page.url
    host.report(begun, RunState.RECORDING, at_s=1)
    host.live(begun, EntryKind.DELTA, host.profile(9))
    expect(page.locator("quality-line")).to_contain_text("10 samples")
    page.add_init_script(f"({WATCH_SHIFTS})()")
    page.set_viewport_size(size)
    page.route(re.compile(r"/tree\?"), slowly)
    wrong = []
    for address in PAGES:
        path, mark, query = address.partition("?")
        page.goto(known.get(path, path) + mark + query)
        wrong += [f"{address}: {each}" for each in wrong_here(page)]
        page.locator("main details").evaluate_all("found => found.forEach((one) => (one.open = true))")
        wrong += findings(page, [size])
    host.report(begun, RunState.CANCELLED, at_s=999)
    assert wrong == [], "\n".join(wrong)
    troubles.expect("404")
