"""The flight recorder in the browser: switched on, frozen after something happened, and told why not."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.agent.servers import wait_for
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.stack import REAL_HOST, Stack, running_agent

pytestmark = [pytest.mark.e2e, pytest.mark.bpf]
expect.set_options(timeout=PATIENCE_MS)
BURST = "def burst_function(): sum(range(1000))\nwhile True: burst_function()"


def test_what_happened_before_the_click_is_in_the_frozen_profile(page: Page, stack: Stack) -> None:
    with running_agent(stack) as agent:
        wait_for(lambda: agent.alive() is not None, "a heartbeat")
        page.goto("/hosts/")
        page.get_by_role("link", name=REAL_HOST, exact=True).click()
        recorder = page.locator("#flight")
        expect(recorder).to_contain_text("off")
        recorder.get_by_label("Minutes").fill("3")
        recorder.get_by_role("button", name="Switch on").click()
        expect(recorder).to_contain_text("keeps the last 3 min")
        with subprocess.Popen([sys.executable, "-c", BURST]) as burst:
            expect(recorder.get_by_role("button", name="Freeze last 3 min")).to_be_visible(timeout=60_000)
            burst.kill()
        recorder.get_by_role("button", name="Freeze last 3 min").click()
        expect(page).to_have_url(re.compile(r"/profiles/[0-9a-f-]{36}/"), timeout=60_000)
        expect(page.locator("h1")).to_contain_text(REAL_HOST)
        page.get_by_placeholder(re.compile("Search")).fill("burst_function")
        expect(page.locator("search-box .search-result")).to_contain_text("matched")
        expect(page.locator("search-box .search-result")).not_to_contain_text("no match")
        page.goto(f"/hosts/{REAL_HOST}/")
        recorder.get_by_role("button", name="Switch off").click()
        expect(recorder.get_by_role("button", name="Switch on")).to_be_visible()
