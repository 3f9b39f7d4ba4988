"""What axe-core finds in all views of a profile and on the pages of guests (of all other pages: test_every_page.py)."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import findings
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
FOLDED = b"web;main;parse 30\nweb;main;sys_read_[k] 60\nweb;main 10\n"
VIEWS = (
    "", "?show=table", "?show=sandwich&fn=%3Dparse", "?show=tree", "?q=parse", "?do=focus%3Dmain",
    "?heat=offset&pin=web&color=module&show=chart",
)  # fmt: skip
PUBLIC = ("/login/", "/login/link/not-a-token/", "/s/not-a-token/", "/no/such/page/")


def test_a_profile_in_all_its_views_and_the_link_to_it(page: Page) -> None:
    page.goto("/profiles/")
    page.get_by_label("Upload…").set_input_files({"name": "before.folded", "mimeType": "text/plain", "buffer": FOLDED})
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
    assert wrong == [], "\n".join(wrong)


def test_the_public_pages(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(base_url=stack.base_url)
    page = context.new_page()
    wrong = []
    for address in PUBLIC:
        page.goto(address)
        wrong += findings(page)
    context.close()
    assert wrong == [], "\n".join(wrong)
