"""Continuous profiling in the browser, with a real agent: switched on, named by a rule, explored, compacted."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.agent.servers import wait_for
from tests.e2e.conftest import Troubles
from tests.e2e.stack import REAL_HOST, Stack, running_agent
from tests.e2e.test_recording import pids

pytestmark = [pytest.mark.e2e, pytest.mark.bpf]
BUSY = "while True: sum(range(1000))"
# A profile ends after ten seconds at most, and a compaction comes every thirty.
LONG_MS = 90_000


@pytest.fixture
def busy() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([sys.executable, "-c", BUSY]) as process:
        yield process
        process.kill()


def test_a_host_profiles_continuously_from_one_click_to_the_explore_page(
    page: Page, stack: Stack, busy: "subprocess.Popen[bytes]", troubles: Troubles
) -> None:
    with running_agent(stack, "--label", "env=test", "--cpu-limit", "0", "--memory-limit", "0") as agent:
        wait_for(lambda: busy.pid in pids(agent), "a heartbeat with the program")
        wait_for(lambda: stack.knows(REAL_HOST), "the server to know the host")
        page.goto("/services/")
        _name_the_busy_program(page)
        troubles.expect("422")  # the expression that was none
        page.goto(f"/hosts/{REAL_HOST}/")
        state = page.locator("#continuous")
        expect(state).to_contain_text("off")
        state.get_by_role("button", name="Switch on here").click()
        expect(state.locator(".state")).to_have_text(re.compile("being switched on|starting|^on"))
        expect(state).to_contain_text(re.compile(r"[1-9]\d* profiles? since"), timeout=LONG_MS)
        expect(state.locator(".state").first).to_have_text("on")
        wait_for(lambda: _explored(page) > 0, "the service in the profile store", LONG_MS / 1000)
        # Other tests keep hosts in this store.
        page.goto("/explore/?" + urlencode({"selector": f'host="{REAL_HOST}"'}))
        expect(page.locator("h1")).to_have_text("Explore")
        expect(page.locator("main")).to_contain_text("e2e test busy", timeout=LONG_MS)
        page.goto("/operations/")
        work = page.locator("#work")
        expect(work).to_contain_text(re.compile(r"[1-9]\d* profiles into segments and rollups"), timeout=LONG_MS)
        expect(page.locator("#agents")).to_contain_text(REAL_HOST)
        expect(page.locator("dl")).to_contain_text("Segments")
        page.goto("/continuous/")
        expect(page.get_by_role("row", name=re.compile(f"^{REAL_HOST} env=test on 19 Hz"))).to_be_visible()
        page.get_by_role("button", name=re.compile("^Delete host=")).click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.locator(".message")).to_contain_text("is deleted")
        expect(page.get_by_role("row", name=re.compile(f"^{REAL_HOST} env=test (being switched )?off"))).to_be_visible()


def _explored(page: Page) -> int:
    """Samples of the service within the last hour, as the Explore page asks for them."""
    now = datetime.now(UTC)
    asked = {"selector": 'service="e2e test busy"', "since": (now - timedelta(hours=1)).isoformat()}
    answer = page.request.get("/api/v1/explore/series", params={**asked, "until": now.isoformat()}).json()
    return sum(map(sum, answer["values"]))


def _name_the_busy_program(page: Page) -> None:
    """Try a rule, see what it would do, change it, keep it."""
    page.get_by_label("When the").select_option("program (its name)")
    expect(page.get_by_label("named", exact=True)).to_be_hidden()
    page.get_by_label("fits", exact=True).fill("(")
    page.get_by_label("the service is").fill("e2e test busy")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert")).to_contain_text("missing )")
    page.get_by_label("fits", exact=True).fill("python.*")
    page.get_by_role("button", name="Preview").click()
    line = page.locator("#matches").get_by_role("row", name=re.compile("^e2e test busy"))
    expect(line).to_contain_text("was")
    expect(page.locator("#rules")).not_to_contain_text("e2e test busy")
    page.get_by_role("button", name="Add rule").click()
    expect(page.locator(".message.success")).to_contain_text("is kept")
    expect(page.locator("#rules")).to_contain_text("e2e test busy")
    expect(page.locator("#matches").get_by_role("row", name=re.compile("^e2e test busy"))).to_contain_text("#1")
    # Two tables of one page: each has an order and a filter of its own.
    page.get_by_label("Filter rules").fill("busy")
    page.locator("#matches").get_by_role("columnheader", name="Service").get_by_role("link").click()
    page.locator("#rules").get_by_role("columnheader", name="Fits").get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"\?rules-filter=busy&sort=service&rules-sort=fits(#form)?$"))
