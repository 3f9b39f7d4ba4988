"""What axe-core finds on every page, in light and dark, wide and on a phone: nothing serious, nothing critical."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.agent_double import AgentDouble
from tests.e2e.conftest import PATIENCE_MS, enter
from tests.e2e.known_fleet import MIDNIGHT
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
Scheme = Literal["light", "dark"]
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
FAILING = {"serious", "critical"}
FOLDED = b"web;main;parse 30\nweb;main;sys_read_[k] 60\nweb;main 10\n"
RANGE = urlencode({"since": MIDNIGHT.isoformat(), "until": (MIDNIGHT + timedelta(days=1)).isoformat()})
PAGES = (
    "/hosts/", "/hosts/web-1/", "/hosts/web-1/feeds/", "/hosts/web-1/feeds/signals/", "/hosts/web-1/histograms/",
    "/hosts/web-1/histograms/run_queue_latency/",
    "/checkups/", "/record/?host=web-1", "/profiles/", "/continuous/", "/services/", "/operations/",
    "/services/?preview=1&source=program&pattern=(.*)&service=x", f"/explore/?{RANGE}", "/debug-files/", "/tokens/",
    "/bpftrace/?use=function-latency",
)  # fmt: skip
VIEWS = (
    "", "?show=table", "?show=sandwich&fn=%3Dparse", "?show=tree", "?q=parse", "?do=focus%3Dmain",
    "?heat=offset&pin=web&color=module&show=chart",
)  # fmt: skip
PUBLIC = ("/login/", "/login/link/not-a-token/", "/s/not-a-token/", "/no/such/page/")


@pytest.fixture(scope="module", params=SCHEMES)
def session(browser: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """Logged in as the admin, who sees what there is to see."""
    made = browser.new_context(base_url=stack.base_url, viewport=DESK, color_scheme=request.param)
    made.set_default_timeout(PATIENCE_MS)
    enter(made, stack)
    yield made
    made.close()


@pytest.fixture(scope="module")
def filled(fleet: None, registered: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A host, profiles of a fleet, and a file to upload."""
    path = tmp_path_factory.mktemp("upload") / "before.folded"
    path.write_bytes(FOLDED)
    return path


def findings(page: Page) -> list[str]:
    """Rule, page, and the first elements that break it."""
    page.wait_for_load_state("networkidle")
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{page.url} {each['id']}: {node['target'][0]}: {node['failureSummary']}"
        for each in found
        if each["impact"] in FAILING
        for node in each["nodes"][:3]
    ]


def test_the_pages_of_the_team(session: BrowserContext, filled: Path) -> None:
    page = session.new_page()
    wrong = []
    for address in PAGES:
        page.goto(address)
        page.locator("main details").evaluate_all("found => found.forEach((one) => (one.open = true))")
        wrong += findings(page)
        page.set_viewport_size(PHONE)
        wrong += findings(page)
        page.set_viewport_size(DESK)
    page.close()
    assert wrong == [], "\n".join(wrong)


def test_a_profile_in_all_its_views_and_the_link_to_it(session: BrowserContext, browser: Browser, filled: Path) -> None:
    page = session.new_page()
    page.goto("/profiles/")
    page.get_by_label("Upload…").set_input_files(filled)
    page.wait_for_url(re.compile(r"/profiles/[0-9a-f-]{36}/$"))
    address, wrong = page.url, []
    for view in VIEWS:
        page.goto(address + view)
        expect(page.locator("quality-line")).to_contain_text("100 samples")
        wrong += findings(page)
    page.keyboard.press("?")
    wrong += findings(page)
    page.keyboard.press("Escape")
    page.goto(f"{address}?zoom=web")
    expect(page.locator("quality-line")).to_contain_text("100 samples")
    page.get_by_role("button", name="Details").click()
    page.get_by_role("button", name="Add a note…").click()
    page.get_by_label("Text of the note").fill("known since May")
    page.get_by_role("button", name="Save note").click()
    page.get_by_role("button", name="Notes 1").click()
    expect(page.locator("note-list .note-text")).to_have_text("known since May")
    wrong += findings(page)
    page.get_by_role("button", name="Share…").click()
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator("#share-list tbody tr")).to_have_count(1)
    wrong += findings(page)
    page.goto(page.get_by_label("The new link").input_value())
    expect(page.locator("quality-line")).to_contain_text("100 samples")
    wrong += findings(page)
    page.close()
    assert wrong == [], "\n".join(wrong)


def test_a_run(session: BrowserContext, host: AgentDouble) -> None:
    page = session.new_page()
    page.goto("/record/?host=web-1")
    page.get_by_role("button", name="Record").click()
    page.wait_for_url(re.compile(r"/runs/"))
    wrong = findings(page)
    stop = page.get_by_role("button", name="Stop")
    if stop.count():
        stop.click()
    page.close()
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_public_pages(browser: Browser, stack: Stack, scheme: Scheme) -> None:
    context = browser.new_context(base_url=stack.base_url, color_scheme=scheme)
    page = context.new_page()
    wrong = []
    for address in PUBLIC:
        page.goto(address)
        wrong += findings(page)
    context.close()
    assert wrong == [], "\n".join(wrong)
