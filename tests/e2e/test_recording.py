"""A recording in the browser: asked for, watched while it grows, stopped, and what is there when it fails."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from profiler.core.channel import EntryKind, RunState
from tests.agent.servers import Agent, wait_for
from tests.agent_double import AgentDouble
from tests.e2e.stack import REAL_HOST, Stack, running_agent

pytestmark = pytest.mark.e2e
RUN_URL = re.compile(r"/runs/([0-9a-f-]{36})/$")
PROFILE_URL = re.compile(r"/profiles/[0-9a-f-]{36}/(\?.*)?$")
LONG_NOTE = "rate lowered to 12.4 Hz: the agent used 1.8% of a CPU, its limit is 1.1%"


def start(page: Page, host: str, seconds: str = "10") -> str:
    """Record from the form; the run's id."""
    page.goto(f"/record/?host={host}")
    page.get_by_label("Duration", exact=True).fill(seconds)
    page.get_by_role("button", name="Start recording").click()
    page.wait_for_url(RUN_URL)
    found = RUN_URL.search(page.url)
    assert found
    return found[1]


@pytest.fixture
def run(page: Page, host: AgentDouble) -> Iterator[str]:
    """A run on web-1 whose page is open; over at the end, because a host does one at a time."""
    begun = start(page, "web-1")
    yield begun
    host.report(begun, RunState.CANCELLED, at_s=999)


def test_a_run_grows_and_becomes_its_profile_without_leaving_the_page(page: Page, host: AgentDouble, run: str) -> None:
    expect(page.locator("#run-note")).to_contain_text("waiting for the agent on web-1")
    page.evaluate("window.same = true")
    host.report(run, RunState.RECORDING, at_s=1)
    expect(page.locator("#run-state")).to_have_text("recording")
    for samples in (9, 19):
        host.live(run, EntryKind.DELTA, host.profile(samples))
    expect(page.locator("quality-line")).to_contain_text("30 samples")
    page.get_by_role("button", name="Flame", exact=True).click()
    graph = page.locator("flame-graph").element_handle()
    host.report(run, RunState.DONE, at_s=11, samples=41, elapsed_s=10)
    host.send_profile(run, host.profile(40))
    expect(page).to_have_url(PROFILE_URL)
    expect(page.get_by_role("button", name="Share…")).to_be_visible()
    expect(page.locator("quality-line")).to_contain_text("41 samples")
    assert "view=flame" in page.url
    expect(page.get_by_role("button", name="Notes", exact=True)).to_be_visible()
    assert page.evaluate("window.same")
    assert page.evaluate("graph => graph === document.querySelector('flame-graph')", graph)
    page.get_by_role("button", name="Share…").click()
    expect(page.get_by_role("button", name="Make a link")).to_be_visible()


def test_a_paused_graph_says_how_far_it_is_behind_and_waits_with_its_profile(
    page: Page, host: AgentDouble, run: str
) -> None:
    host.report(run, RunState.RECORDING, at_s=1)
    host.live(run, EntryKind.DELTA, host.profile(9))
    expect(page.locator("quality-line")).to_contain_text("10 samples")
    page.get_by_role("button", name="Pause the graph").click()
    host.live(run, EntryKind.DELTA, host.profile(19))
    expect(page.locator("#run-behind")).to_contain_text("20 samples behind")
    expect(page.locator("quality-line")).to_contain_text("10 samples")
    host.report(run, RunState.DONE, at_s=11, samples=41, elapsed_s=10, message=LONG_NOTE)
    host.send_profile(run, host.profile(40))
    expect(page.locator("#run-behind")).to_contain_text("the recording is over")
    expect(page).to_have_url(RUN_URL)
    page.get_by_role("button", name="Resume").click()
    expect(page).to_have_url(PROFILE_URL)
    expect(page.locator("quality-line")).to_contain_text("41 samples")
    expect(page.locator(".title-facts")).to_contain_text(LONG_NOTE)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_failed_run_says_why_and_offers_the_same_again(page: Page, host: AgentDouble, run: str) -> None:
    host.report(run, RunState.FAILED, at_s=1, message="the kernel refused the program: EPERM")
    expect(page.locator("#run-end")).to_contain_text("The recording failed. The kernel refused the program: EPERM.")
    page.reload()
    expect(page.locator("#run-end")).to_contain_text("The kernel refused the program")
    expect(page.get_by_role("button", name="Stop and keep")).to_have_count(0)
    page.get_by_role("link", name="Record again…").click()
    expect(page.get_by_label("web-1", exact=True)).to_be_checked()


def test_stopping_tells_the_host_and_shows_what_it_kept(page: Page, host: AgentDouble, run: str, stack: Stack) -> None:
    host.report(run, RunState.RECORDING, at_s=1)
    expect(page.locator("#run-state")).to_have_text("recording")
    page.get_by_role("button", name="Stop and keep").click()
    page.wait_for_url(RUN_URL)
    host.report(run, RunState.CANCELLED, at_s=4, message="cancelled after 3 s", samples=5)
    host.send_profile(run, host.profile(4))
    expect(page).to_have_url(PROFILE_URL)
    expect(page.locator(".title-facts")).to_contain_text("stopped early")


def test_a_lost_connection_is_said_and_mended(page: Page, host: AgentDouble, run: str) -> None:
    refused: list[str] = []

    def flaky(socket: WebSocketRoute) -> None:
        if len(refused) < 2:
            refused.append(socket.url)
            socket.close(code=1011)
        else:
            socket.connect_to_server()

    page.route_web_socket(re.compile("/ws/runs/"), flaky)
    page.reload()
    expect(page.locator("#run-note")).to_contain_text("the connection to the server is lost, trying again")
    host.report(run, RunState.RECORDING, at_s=1)
    expect(page.locator("#run-state")).to_have_text("recording")
    expect(page.locator("#run-note")).to_be_hidden()


@pytest.fixture(scope="module")
def agent(stack: Stack) -> Iterator[Agent]:
    with running_agent(stack) as running:
        yield running


@pytest.fixture
def busy() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([sys.executable, "-c", "while True: sum(range(1000))"]) as process:
        yield process
        process.kill()


def pids(agent: Agent) -> set[int]:
    inventory = agent.alive()
    return {process.pid for process in inventory.processes} if inventory else set()


@pytest.mark.bpf
def test_this_machine_is_recorded_from_the_browser(page: Page, agent: Agent, busy: "subprocess.Popen[bytes]") -> None:
    wait_for(lambda: busy.pid in pids(agent), "a heartbeat with the busy process")
    page.goto("/hosts/")
    page.get_by_role("link", name=f"Record on {REAL_HOST}").click()
    page.get_by_label(re.compile("Find what runs")).fill(str(busy.pid))
    page.get_by_role("button", name=f"Add process {busy.pid}").click()
    expect(page.get_by_label("Processes", exact=True)).to_have_value(str(busy.pid))
    page.get_by_label("Duration", exact=True).fill("3")
    page.get_by_role("button", name="Start recording").click()
    page.wait_for_url(RUN_URL)
    expect(page.locator("quality-line")).to_contain_text("samples")
    expect(page).to_have_url(PROFILE_URL, timeout=60_000)
    expect(page.locator(".title-facts")).to_contain_text(f"pid {busy.pid}")
    page.get_by_placeholder(re.compile("Search")).fill("Py_RunMain")
    expect(page.locator("search-box .search-result")).to_contain_text("matched")
    expect(page.locator("search-box .search-result")).not_to_contain_text("no match")


# A real recording begins, and ends, when the machine has time for it.
RECORDED_MS = 60_000
TOTAL = "() => document.querySelector('flame-graph').tree?.total[0] ?? 0"
LOOKED_AT = "() => { const { zoom, tree, selectedNode } = document.querySelector('flame-graph'); "
LOOKED_AT += "return [zoom, tree.name(selectedNode)]; }"


@pytest.mark.bpf
def test_a_growing_graph_holds_still_while_it_is_paused_and_goes_on_where_one_looked(
    page: Page, agent: Agent, busy: "subprocess.Popen[bytes]"
) -> None:
    wait_for(lambda: busy.pid in pids(agent), "a heartbeat with the busy process")
    page.goto(f"/record/?host={REAL_HOST}&pid={busy.pid}")
    # Until it is stopped: however slow this machine is, it records while the test looks.
    page.get_by_label("Duration", exact=True).fill("600")
    page.get_by_role("button", name="Start recording").click()
    page.wait_for_url(RUN_URL)
    page.wait_for_function(f"() => ({TOTAL})() > 0", timeout=RECORDED_MS)
    page.locator("flame-graph canvas").first.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    frozen, looked_at = page.evaluate(TOTAL), page.evaluate(LOOKED_AT)
    assert looked_at[0]
    expect(page.locator("#run-behind")).to_have_text(re.compile(r"paused, .*samples? behind"), timeout=RECORDED_MS)
    assert page.evaluate(TOTAL) == frozen
    page.keyboard.press("p")
    expect(page.locator("#run-behind")).to_be_hidden()
    page.wait_for_function(f"frozen => ({TOTAL})() > frozen", arg=frozen, timeout=RECORDED_MS)
    assert page.evaluate(LOOKED_AT) == looked_at
    page.get_by_role("button", name="Stop and keep").click()
    expect(page).to_have_url(PROFILE_URL, timeout=RECORDED_MS)
