"""The pages together: from the first login to a link that a colleague opens."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.agent.servers import wait_for
from tests.agent_double import AgentDouble
from tests.e2e.conftest import FOR_EVER_S, Troubles, log_in
from tests.e2e.stack import ADMIN, Stack

pytestmark = pytest.mark.e2e
FOLDED = b"web;main;parse 30\nweb;main;sys_read_[k] 60\nweb;main 10\n"
PROFILE_URL = re.compile(r"/profiles/[0-9a-f-]{36}/$")


@pytest.fixture
def folded(tmp_path: Path) -> Path:
    path = tmp_path / "before.folded"
    path.write_bytes(FOLDED)
    return path


@pytest.fixture
def profile(page: Page, folded: Path) -> Page:
    """The page of a profile that was just uploaded."""
    page.goto("/profiles/")
    page.get_by_label("Upload…").set_input_files(folded)
    page.wait_for_url(PROFILE_URL)
    expect(page.locator("quality-line")).to_contain_text("100 samples")
    return page


def test_a_one_time_link_is_one_click(guest: Page, stack: Stack) -> None:
    guest.goto(stack.manage("loginlink", "--user", ADMIN, "--next", "/tokens/").strip())
    guest.wait_for_url("**/tokens/")
    expect(guest.get_by_role("heading", name="API tokens")).to_be_visible()


def test_hosts_appear_by_themselves(page: Page, stack: Stack) -> None:
    page.goto("/hosts/")
    AgentDouble(stack.redis.client, "late-1").beat(ttl_s=FOR_EVER_S)
    row = page.get_by_role("row", name=re.compile("late-1"))
    expect(row).to_contain_text("ready")
    expect(row.get_by_role("link", name="Record on late-1")).to_be_visible()


def test_hosts_can_be_filtered_and_recorded_together(page: Page, host: AgentDouble, stack: Stack) -> None:
    for name in ("db-1", "db-2"):
        AgentDouble(stack.redis.client, name).beat(ttl_s=FOR_EVER_S)
    wait_for(lambda: page.goto("/hosts/") and page.get_by_label("Select db-2").count(), "the server to know db-2")
    for name in ("db-1", "db-2"):
        page.get_by_label(f"Select {name}").check()
    page.get_by_role("columnheader", name="Host").get_by_role("link").click()
    page.get_by_role("columnheader", name="Host").get_by_role("link").click()
    names = page.locator("#hosts tbody th")
    assert sorted(names.all_inner_texts(), reverse=True) == names.all_inner_texts()
    page.get_by_label("Filter hosts").fill("db-")
    expect(page.get_by_role("row", name=re.compile("web-1"))).to_be_hidden()
    expect(page).to_have_url(re.compile(r"sort=-host&filter=db-$"))
    page.reload()
    expect(page.get_by_role("columnheader", name="Host")).to_have_attribute("aria-sort", "descending")
    expect(page.get_by_role("row", name=re.compile("web-1"))).to_be_hidden()
    expect(names.first).to_have_text(re.compile("web-1|late-1|db-2"))
    for name in ("db-1", "db-2"):
        page.get_by_label(f"Select {name}").check()
    page.get_by_role("button", name="Record on 2 hosts").click()
    expect(page.get_by_label("db-1")).to_be_checked()
    expect(page.get_by_label("db-2")).to_be_checked()
    expect(page.get_by_label("web-1")).not_to_be_checked()


def test_a_dropped_file_becomes_a_profile(page: Page) -> None:
    page.goto("/profiles/")
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.items.add(new File([text], "dropped.folded"));
            document.body.dispatchEvent(new DragEvent("dragenter", { dataTransfer: data, bubbles: true }));
            document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        FOLDED.decode(),
    )
    page.wait_for_url(PROFILE_URL)
    expect(page.get_by_role("heading", name="dropped.folded")).to_be_visible()
    expect(page.locator("flame-graph canvas")).to_be_visible()


def test_a_file_that_is_no_profile_says_why_and_stays_on_the_page(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    page.goto("/profiles/")
    page.get_by_label("Upload…").set_input_files(path)
    row = page.get_by_label("Uploads").get_by_role("listitem")
    expect(row).to_contain_text("not text")
    expect(page).to_have_url(re.compile(r"/profiles/$"))
    row.get_by_role("button", name="Dismiss").click()
    expect(row).to_have_count(0)


def test_several_files_refresh_the_list(page: Page, tmp_path: Path) -> None:
    paths = [tmp_path / f"many-{n}.folded" for n in (1, 2)]
    for path in paths:
        path.write_bytes(FOLDED)
    page.goto("/profiles/?sort=title")
    page.get_by_label("Upload…").set_input_files(paths)
    for path in paths:
        expect(page.locator("#profiles").get_by_role("link", name=path.name)).to_be_visible()


def test_a_link_opens_for_a_guest_with_the_same_view_until_it_is_revoked(
    profile: Page, browser: Browser, stack: Stack, troubles: Troubles
) -> None:
    profile.get_by_placeholder(re.compile("Search")).fill("parse")
    expect(profile).to_have_url(re.compile(r"\?q=parse$"))
    profile.get_by_role("button", name="Share…").click()
    profile.get_by_role("button", name="Make a link").click()
    expect(profile.locator("#share-list tbody tr")).to_have_count(1)
    address = profile.get_by_label("The new link").input_value()
    context = browser.new_context()
    guest = context.new_page()
    troubles.watch(guest)
    guest.goto(address)
    expect(guest).to_have_url(re.compile(r"\?q=parse$"))
    expect(guest.locator("search-box .search-result")).to_contain_text("30.0")
    expect(guest.get_by_role("link", name="Hosts")).to_have_count(0)
    profile.get_by_role("button", name="Revoke").click()
    expect(profile.locator("#share-list")).to_contain_text("No link opens this yet")
    guest.goto(address)
    expect(guest.get_by_role("heading")).to_contain_text("doesn't open anything")
    troubles.expect("404")
    context.close()


def test_deleting_asks_first_and_the_safe_answer_has_the_focus(profile: Page) -> None:
    address = profile.url
    profile.get_by_role("button", name="Delete").click()
    expect(profile.get_by_role("button", name="Keep")).to_be_focused()
    profile.keyboard.press("Enter")
    expect(profile).to_have_url(address)
    profile.get_by_role("button", name="Delete").click()
    profile.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(profile.get_by_role("status").filter(has_text="is deleted")).to_be_visible()


def test_folded_stacks_come_back_as_they_went_in(profile: Page) -> None:
    with profile.expect_download() as download:
        profile.get_by_role("link", name="Export folded").click()
    assert download.value.suggested_filename == "before.folded.folded"
    text = Path(download.value.path()).read_text()
    assert sum(int(line.rsplit(" ", 1)[1]) for line in text.splitlines()) == 100


def test_the_export_has_the_grouping_on_screen(profile: Page) -> None:
    profile.get_by_label("Group by").select_option("container,comm")
    with profile.expect_download() as download:
        profile.get_by_role("link", name="Export folded").click()
    assert download.value.url.endswith("/folded?group=container%2Ccomm")


def test_a_container_or_service_is_picked_from_what_runs_with_its_children(page: Page, host: AgentDouble) -> None:
    page.goto("/record/?host=web-1")
    page.get_by_role("button", name="Only container shop/db").click()
    expect(page.get_by_label("Container", exact=True)).to_have_value("shop/db")
    page.get_by_role("button", name="Only service nginx.service").click()
    expect(page.get_by_label("Service", exact=True)).to_have_value("nginx.service")
    expect(page.get_by_label("Container", exact=True)).to_have_value("")
    page.get_by_label("Also the processes that these start").check()
    page.get_by_role("button", name="Start recording").click()
    page.wait_for_url("**/runs/*/")
    expect(page.locator("main")).to_contain_text("unit nginx.service · with children")
    page.get_by_role("button", name="Stop").click()


def test_the_theme_is_chosen_once_and_there_at_the_first_paint(page: Page, troubles: Troubles) -> None:
    page.goto("/hosts/")
    button = page.get_by_role("button", name=re.compile("^Theme"))
    for theme in ("light", "dark"):
        button.click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.route("**/js/joined/shell*.js", lambda route: route.abort())
    page.goto("/profiles/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 18, 22)"
    troubles.expect("ERR_FAILED")


def test_the_menu_and_the_skip_link_work_by_keyboard(page: Page) -> None:
    page.goto("/tokens/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    menu = page.locator("header summary")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="API tokens")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="API tokens")).to_be_hidden()
    expect(menu).to_be_focused()


def test_the_order_and_the_filter_of_a_table_are_in_the_url(page: Page) -> None:
    page.goto("/tokens/")
    for name in ("b nightly", "c other", "a nightly"):
        page.get_by_label("New token for").fill(name)
        page.get_by_role("button", name="Create").click()
        expect(page.get_by_role("status").filter(has_text=name)).to_be_visible()
    page.goto("/tokens/")
    page.get_by_role("columnheader", name="Name").get_by_role("link").click()
    page.get_by_label("Filter tokens").fill("nightly")
    expect(page).to_have_url(re.compile(r"\?sort=name&filter=nightly$"))
    page.reload()
    rows = page.locator("#tokens tbody tr:visible th")
    expect(rows).to_have_text(["a nightly", "b nightly"])
    expect(page.get_by_text("2 of 3")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")


def test_the_admin_and_the_api_documentation_work_under_the_content_policy(page: Page) -> None:
    for address in ("/admin/", "/admin/auth/user/"):
        page.goto(address)
    page.goto("/api/v1/docs")
    expect(page.locator("#swagger-ui .opblock").first).to_be_visible()


def test_logging_out_ends_at_the_login(guest: Page) -> None:
    log_in(guest)
    guest.locator("header summary").click()
    guest.get_by_role("button", name="Log out").click()
    guest.wait_for_url("**/login/**")
    guest.goto("/hosts/")
    expect(guest).to_have_url(re.compile(r"/login/\?next=/hosts/$"))
    log_in(guest)


def test_a_profile_is_saved_as_a_file_that_opens_without_the_server(
    profile: Page, browser: Browser, tmp_path: Path, troubles: Troubles
) -> None:
    profile.locator("search-box input").fill("parse")
    expect(profile.locator(".search-result")).to_contain_text("30")
    with profile.expect_download() as saved:
        profile.get_by_label("Save what is shown").select_option("html")
    path = tmp_path / "saved.html"
    saved.value.save_as(path)
    offline = browser.new_context(offline=True)
    page = offline.new_page()
    troubles.watch(page)
    page.goto(path.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("before.folded")
    expect(page.locator("search-box input")).to_have_value("parse")
    expect(page.locator(".search-result")).to_contain_text("30")
    offline.close()


def test_a_file_that_can_not_be_made_is_told_and_nothing_is_saved(profile: Page, troubles: Troubles) -> None:
    profile.route("**/html*", lambda route: route.abort())
    profile.get_by_label("Save what is shown").select_option("html")
    expect(profile.locator(".profile-notice")).to_have_text(
        "The file was not saved: the server did not answer, try again"
    )
    troubles.expect("ERR_FAILED")
