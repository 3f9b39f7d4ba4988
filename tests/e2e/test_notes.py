"""Notes on functions of a profile, as somebody writes and reads them in the browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Troubles
from tests.e2e.stack import ADMIN
from tests.e2e.viewer_driver import Viewer

pytestmark = pytest.mark.e2e
HOSTILE = "<img src=x onerror=alert(1)>"
PROFILE_URL = re.compile(r"/profiles/[0-9a-f-]{36}/$")


@pytest.fixture
def profile(page: Page, tmp_path: Path) -> Page:
    path = tmp_path / "noted.folded"
    path.write_text(f"web;main;{HOSTILE} 60\nweb;main;parse 30\n")
    # Zoom at once: a test that clicks must not chase a moving frame.
    page.emulate_media(reduced_motion="reduce")
    page.goto("/profiles/")
    page.get_by_label("Upload…").set_input_files(path)
    page.wait_for_url(PROFILE_URL)
    page.wait_for_function("() => window.__flame")
    page.evaluate("() => __flame.ready")
    return page


def select(page: Page, *names: str) -> None:
    rect = page.evaluate("names => __flame.rectOf(names)", list(names))
    page.mouse.click(rect["x"] + 20, rect["y"] + 8)


def test_a_note_is_written_found_changed_and_deleted_and_nothing_in_it_is_markup(
    profile: Page, browser: Browser, troubles: Troubles
) -> None:
    select(profile, "web", "main", HOSTILE)
    profile.get_by_role("button", name="Details").click()
    card = profile.locator("frame-notes")
    card.get_by_role("button", name="Add a note…").click()
    card.get_by_label("Text of the note").fill(f"{HOSTILE}\nsince the release")
    card.get_by_role("button", name="Save note").click()
    expect(card.locator(".note-text")).to_have_text(f"{HOSTILE}\nsince the release")
    expect(card.locator(".note-by")).to_contain_text(ADMIN)
    expect(profile.get_by_role("button", name="Notes 1")).to_be_visible()
    # A draft waits while another function is looked at, which has no notes.
    card.get_by_role("button", name="Add a note…").click()
    card.get_by_label("Text of the note").fill("half a thought")
    select(profile, "web", "main")
    expect(card.locator(".note")).to_have_count(0)
    expect(card.get_by_label("Text of the note")).to_have_count(0)
    select(profile, "web", "main", HOSTILE)
    expect(card.get_by_label("Text of the note")).to_have_value("half a thought")

    profile.goto(profile.url.split("?")[0])
    profile.get_by_role("button", name="Notes 1").click()
    notes = profile.locator("note-list")
    notes.get_by_role("button", name=HOSTILE).click()
    expect(profile.locator("frame-detail")).to_contain_text(HOSTILE)
    notes.get_by_role("button", name="Change").click()
    notes.get_by_label("Text of the note").fill("known: fixed in 4.2")
    notes.get_by_label("Text of the note").press("Control+Enter")
    expect(notes.locator(".note-text")).to_have_text("known: fixed in 4.2")
    expect(notes.locator(".note-by")).to_contain_text("changed")
    notes.get_by_role("button", name="Delete").click()
    profile.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(notes).to_contain_text("No notes yet")
    expect(profile.get_by_role("button", name="Notes", exact=True)).to_be_visible()


def test_a_note_that_is_refused_says_why_and_is_still_in_its_box(profile: Page, troubles: Troubles) -> None:
    select(profile, "web", "main")
    profile.get_by_role("button", name="Details").click()
    card = profile.locator("frame-notes")
    card.get_by_role("button", name="Add a note…").click()
    card.get_by_label("Text of the note").fill("   ")
    card.get_by_role("button", name="Save note").click()
    expect(card.get_by_role("alert")).to_contain_text("text: 0 characters; give 1 to")
    profile.context.set_offline(True)
    card.get_by_label("Text of the note").fill("slow")
    card.get_by_role("button", name="Save note").click()
    expect(card.get_by_role("alert")).to_contain_text("The server did not answer")
    expect(card.get_by_label("Text of the note")).to_have_value("slow")
    profile.context.set_offline(False)
    card.get_by_role("button", name="Save note").click()
    expect(card.locator(".note-text")).to_have_text("slow")
    troubles.expect("422")
    troubles.expect("ERR_INTERNET_DISCONNECTED")


def test_a_view_without_a_profile_of_its_own_offers_no_notes(viewer: Viewer) -> None:
    page = viewer.shown().page
    viewer.click("web", "main")
    page.get_by_role("button", name="Details").click()
    expect(page.locator("frame-card")).to_contain_text("everywhere")
    expect(page.locator("frame-notes")).to_be_hidden()
    expect(page.get_by_role("button", name=re.compile("^Notes"))).to_be_hidden()
