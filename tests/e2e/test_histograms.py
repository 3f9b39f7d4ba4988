"""A histogram in the browser, from the kernel of this machine: counted, drawn, and opened to its events."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.agent.servers import wait_for
from tests.e2e.axe import findings
from tests.e2e.stack import REAL_HOST, Stack, running_agent

pytestmark = [pytest.mark.e2e, pytest.mark.bpf]
LONG_MS = 180_000


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
        expect(page.locator("#histogram-examples tbody tr").first).to_be_visible()
        bucket = page.locator("#histogram-buckets tbody button").last
        bucket.focus()
        page.keyboard.press("Enter")
        expect(bucket).to_have_attribute("aria-pressed", "true")
        opens_the_examples_of(page, re.compile(r"cells-buckets=(\d+)-\1"))
        # Stacks are taken once the agent has read what the host runs.
        wait_for(lambda: has_stacks_when_pressed(page, bucket), "an example with a stack", LONG_MS / 1000)
        expect(page.locator("#histogram-cells flame-graph canvas").first).to_be_visible(timeout=LONG_MS)
        assert findings(page) == []
        page.get_by_role("button", name="Close").click()
        expect(page.locator("#histogram-cells")).to_be_hidden()
        assert "cells-" not in page.url
        page.get_by_text("The newest seconds as a table").click()
        expect(page.locator("#histogram-seconds tbody tr").first).to_be_visible(timeout=LONG_MS)
        # Cells by keys: the newest column, all of its buckets.
        chart.focus()
        page.keyboard.press("End")
        said = page.locator("histogram-chart .visually-hidden[role=status]")
        expect(said).to_have_text(re.compile(r"\d\d:\d\d:\d\d, .*: [\d,.]+ events?$"))
        page.keyboard.press("PageUp")
        for _ in range(40):
            page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Shift+PageDown")
        page.keyboard.press("Enter")
        opens_the_examples_of(page, re.compile(r"cells-at=\d+-\d+"))
        shared = page.url
        # With the mouse: drawn over the middle of what is there. Hovering waits until nothing moves any more.
        cells = chart.locator(".nsewdrag")
        box = cells.bounding_box()
        assert box
        cells.hover(position={"x": box["width"] * 0.2, "y": box["height"] * 0.4})
        page.mouse.down()
        cells.hover(position={"x": box["width"] * 0.8, "y": box["height"] * 0.6}, force=True)
        page.mouse.up()
        page.wait_for_function("before => location.href !== before", arg=shared)
        page.go_back()
        expect(page).to_have_url(shared)
        page.goto(shared)
        opens_the_examples_of(page, re.compile(r"cells-at=\d+-\d+"))


def opens_the_examples_of(page: Page, address: re.Pattern[str]) -> None:
    """Rows of just these, and how many of them have a stack."""
    expect(page).to_have_url(address)
    expect(page.locator("#histogram-cells [data-part=facts]")).to_have_text(
        re.compile(r"examples? kept.* with a stack"), timeout=LONG_MS
    )
    expect(page.locator("#cells-examples tbody tr").first).to_be_visible()


def has_stacks_when_pressed(page: Page, bucket: Locator) -> bool:
    """The bucket's examples so far."""
    bucket.click()
    opens_the_examples_of(page, re.compile("cells-buckets="))
    facts = page.locator("#histogram-cells [data-part=facts]").inner_text()
    return re.search(r"[1-9][\d,.]* with a stack", facts) is not None
