"""The command palette: from every page, by keys alone, by a few letters."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Locator, Page, expect

from tests.agent_double import AgentDouble
from tests.e2e.conftest import Troubles

pytestmark = pytest.mark.e2e
PAGES = (
    "/hosts/", "/hosts/web-1/", "/record/", "/profiles/", "/explore/", "/operations/", "/tokens/",
)  # fmt: skip


def found(page: Page) -> Locator:
    return page.get_by_role("dialog").get_by_role("option")


def test_it_opens_on_every_page_and_gives_the_focus_back(page: Page, host: AgentDouble) -> None:
    for address in PAGES:
        page.goto(address)
        button = page.get_by_role("button", name="Go to…")
        button.focus()
        page.keyboard.press("Control+k")
        field = page.get_by_role("combobox", name="Go to a host, profile or page")
        expect(field).to_be_focused()
        expect(found(page).first).to_be_visible()
        page.keyboard.press("Escape")
        expect(field).to_be_hidden()
        expect(button).to_be_focused()


def test_a_host_is_found_by_some_of_its_letters_and_opened_by_keys(page: Page, host: AgentDouble) -> None:
    page.goto("/tokens/")
    page.keyboard.press("Meta+k")
    page.keyboard.type("wb1")
    best = found(page).first
    expect(best).to_contain_text("web-1")
    expect(best).to_have_attribute("aria-selected", "true")
    expect(best.locator("mark")).to_have_text(["w", "b", "1"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/hosts/web-1/")


def test_arrows_choose_and_a_screen_reader_hears_what_is_chosen(page: Page, host: AgentDouble) -> None:
    page.goto("/hosts/")
    page.keyboard.press("Control+k")
    field, options = page.get_by_role("combobox"), found(page)
    expect(field).to_have_attribute("aria-activedescendant", "palette-0")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "palette-1")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("status").filter(has_text="found")).to_be_visible()
    wrong = [each for each in Axe().run(page).response["violations"] if each["impact"] in {"serious", "critical"}]
    assert wrong == []
    field.fill("prfls")
    expect(options.first).to_contain_text("Profiles")
    page.keyboard.press("Enter")
    page.wait_for_url("**/profiles/")


def test_names_that_are_not_there_and_a_server_that_is_gone_are_said(page: Page, troubles: Troubles) -> None:
    page.goto("/hosts/")
    page.keyboard.press("Control+k")
    page.keyboard.type("<b>qqq")
    expect(page.get_by_role("status").filter(has_text="Nothing is called like “<b>qqq”")).to_be_visible()
    expect(found(page)).to_have_count(0)
    page.route("**/api/v1/find*", lambda route: route.abort())
    page.keyboard.type("x")
    expect(page.get_by_role("status").filter(has_text="did not answer")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/hosts/$"))
    troubles.expect("ERR_FAILED")


def test_a_click_goes_there_and_one_beside_closes(page: Page) -> None:
    page.goto("/hosts/")
    page.get_by_role("button", name="Go to…").click()
    expect(found(page).first).to_be_visible()
    page.mouse.click(5, 400)
    expect(page.get_by_role("combobox")).to_be_hidden()
    page.get_by_role("button", name="Go to…").click()
    page.get_by_role("option", name=re.compile("Operations")).click()
    page.wait_for_url("**/operations/")


def test_guests_have_none(guest: Page) -> None:
    guest.goto("/login/")
    guest.keyboard.press("Control+k")
    expect(guest.get_by_role("combobox")).to_have_count(0)
