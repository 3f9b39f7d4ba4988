"""A histogram in the browser, from the kernel of this machine: counted, drawn, and opened to its events."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.agent.servers import wait_for
from tests.e2e.axe import findings
from tests.e2e.stack import REAL_HOST, Stack, running_agent

pytestmark = [pytest.mark.e2e, pytest.mark.bpf]
LONG_MS = 60_000


def test_a_histogram_is_drawn_live_and_a_bucket_opens_its_events(page: Page, stack: Stack) -> None:
    with running_agent(stack) as agent:
        wait_for(lambda: agent.alive() is not None and stack.knows(REAL_HOST), "the host")
        page.goto(f"/hosts/{REAL_HOST}/histograms/")
        page.get_by_role("link", name="Watch System call latency").click()
        chart = page.locator("histogram-chart .plot-area")
        expect(chart.locator(".main-svg").first).to_be_visible(timeout=LONG_MS)
        expect(page.locator("#histogram-state")).to_have_text("live")
        expect(chart).to_have_attribute("aria-label", re.compile(r"Heat map of .* p50 .* p99"))
        # The page's own work makes system calls, so every second has some.
        bucket = page.locator("#histogram-buckets tbody button").last
        bucket.focus()
        page.keyboard.press("Enter")
        expect(bucket).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#histogram-examples-of")).to_contain_text("kept of")
        assert findings(page) == []
        page.get_by_role("button", name="All buckets").click()
        expect(page.locator("#histogram-examples tbody tr").first).to_be_visible()
        page.get_by_text("The newest seconds as a table").click()
        expect(page.locator("#histogram-seconds tbody tr").first).to_be_visible(timeout=LONG_MS)
