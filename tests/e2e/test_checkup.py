"""The 60-second check in the browser, with the real agent: started, filled by itself, its findings lead to evidence."""

import re
import subprocess

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.agent.servers import wait_for
from tests.e2e.stack import REAL_HOST, Stack, running_agent

pytestmark = [pytest.mark.e2e, pytest.mark.bpf]
# Longer than the server waits for a host that lives: programs are compiled, on a machine that does other things.
LONG_MS = 400_000
LOAD = "while :; do /bin/true --known-to-this-test; done"


def test_a_check_says_what_stands_out_shows_what_it_is_known_from_and_is_shared(
    page: Page, stack: Stack, browser: Browser
) -> None:
    with running_agent(stack) as agent, subprocess.Popen(["sh", "-c", LOAD]) as load:
        try:
            wait_for(lambda: agent.alive() is not None and stack.knows(REAL_HOST), "the server to know the host")
            page.goto(f"/hosts/{REAL_HOST}/")
            page.get_by_role("link", name="60-second check").first.click()
            expect(page.get_by_role("checkbox", name=REAL_HOST)).to_be_checked()
            page.get_by_label("Look for").fill("5")
            page.get_by_role("button", name="Check", exact=True).click()
            expect(page).to_have_url(re.compile(r"/checkups/[0-9a-f-]{36}/$"))
            expect(page.locator("#checkup")).to_have_attribute("data-final", "true", timeout=LONG_MS)
        finally:
            load.kill()
    findings = page.locator(".findings li")
    programs = findings.filter(has_text="programs started a second")
    expect(programs).to_contain_text("/bin/true --known-to-this-test")
    programs.get_by_role("link").click()
    answer = page.locator(f"#{REAL_HOST}-programs")
    expect(answer).to_be_in_viewport()
    answer.locator("summary").click()
    expect(answer.locator("tbody td", has_text="--known-to-this-test").first).to_be_visible()
    see_as_guest(page, browser)
    page.get_by_role("link", name="Flame graph").click()
    expect(page).to_have_url(re.compile(r"/profiles/"))


def see_as_guest(page: Page, browser: Browser) -> None:
    """A link opens the check and its flame graph until it is revoked."""
    page.get_by_role("button", name="Share…").click()
    page.get_by_label("It opens").select_option("for 7 days")
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator("#share-list tbody tr")).to_have_count(1)
    guest = browser.new_context().new_page()
    link = page.get_by_label("The new link").input_value()
    guest.goto(link)
    expect(guest.locator(".findings li")).to_have_count(page.locator(".findings li").count())
    guest.get_by_role("link", name="Flame graph").click()
    expect(guest.locator("flame-graph")).to_be_visible()
    expect(guest.get_by_role("link", name="Shared 60-second check")).to_be_visible()
    page.get_by_role("button", name="Revoke").click()
    expect(page.locator("#share-list")).to_contain_text("No link opens this yet")
    page.get_by_role("button", name="Close").click()
    guest.goto(link)
    expect(guest.get_by_role("heading", level=1)).to_have_text("This link doesn't open anything")
    guest.context.close()
