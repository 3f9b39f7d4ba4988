"""The flight recorder in the browser: switched on, frozen after something happened, and told why not."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.agent.servers import wait_for
from tests.e2e.stack import REAL_HOST, Stack, running_agent

pytestmark = [pytest.mark.e2e, pytest.mark.bpf]
LONG_MS = 60_000
BURST = "def burst_function(): sum(range(1000))\nwhile True: burst_function()"


def frozen_shows(page: Page, function: str) -> bool:
    """Whether a profile of what was held has it. A busy machine may not have come to the function yet."""
    page.goto(f"/hosts/{REAL_HOST}/")
    page.locator("#flight").get_by_role("button", name="Freeze last 3 min").click(timeout=LONG_MS)
    expect(page).to_have_url(re.compile(r"/profiles/[0-9a-f-]{36}/"), timeout=LONG_MS)
    expect(page.locator("h1")).to_contain_text(REAL_HOST)
    page.get_by_placeholder(re.compile("Search")).fill(function)
    result = page.locator("search-box .search-result")
    expect(result).to_contain_text("match")
    return "no match" not in result.inner_text()


def test_what_happened_before_the_click_is_in_the_frozen_profile(page: Page, stack: Stack) -> None:
    with running_agent(stack) as agent:
        wait_for(lambda: agent.alive() is not None, "a heartbeat")
        page.goto("/hosts/")
        page.get_by_role("link", name=REAL_HOST, exact=True).click()
        recorder = page.locator("#flight")
        expect(recorder).to_contain_text("off")
        recorder.get_by_label("Minutes").fill("3")
        recorder.get_by_role("button", name="Switch on").click()
        expect(recorder).to_contain_text("keeps the last 3 min", timeout=60_000)
        with subprocess.Popen([sys.executable, "-c", BURST]) as burst:
            try:
                wait_for(lambda: frozen_shows(page, "burst_function"), "the function in a frozen profile")
            finally:
                burst.kill()
        page.goto(f"/hosts/{REAL_HOST}/")
        recorder.get_by_role("button", name="Switch off").click()
        expect(recorder.get_by_role("button", name="Switch on")).to_be_visible()
