"""Live events in a browser: what comes is shown, and nothing that comes can harm the page."""

import csv
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from profiler.core.event_batch import LOST_RING
from profiler.core.probe import Columns
from profiler.probes.registry import probe_named
from tests.agent.servers import wait_for
from tests.agent_double import AgentDouble
from tests.e2e.axe import findings
from tests.e2e.conftest import Troubles
from tests.e2e.stack import REAL_HOST, Stack, running_agent
from tests.feed_double import NS, FeedDouble

pytestmark = pytest.mark.e2e
START_NS = 1_795_438_800 * NS
# OUT_OF_SIGHT_MS of static/js/ui/seen-socket.js, and time that passes while a page is told to hide.
OUT_OF_SIGHT_MS, LITTLE_MS = 60_000, 30_000
HOSTILE = ["<img src=x onerror=alert(1)>", "=cmd|'/c calc'!A0", "line\nbreak", "x" * 8192, "\ufffd\u202egnp"]


@pytest.fixture
def feed(stack: Stack, host: AgentDouble) -> Iterator[FeedDouble]:
    """Signals of web-1."""
    double = FeedDouble(stack.redis.client, probe=probe_named("signals"))
    yield double
    stack.redis.client.delete(double.key, double.lease)


def columns(senders: list[int], by: list[str] | None = None, first: int = 0) -> Columns:
    """A signal a second from each sender to the process after it."""
    count = len(senders)
    at = START_NS + (first + np.arange(count, dtype="<u8")) * np.uint64(NS)
    pids = np.array(senders, dtype="<u4")
    return {
        "at_ns": at,
        "signal": ["SIGTERM" if sender % 2 else "SIGHUP" for sender in senders],
        "sender": pids,
        "sender_name": [f"worker-{sender}" for sender in senders],
        "uid": np.zeros(count, dtype="<u4"),
        "target": pids + np.uint32(1),
        "target_name": [f"victim-{sender}" for sender in senders],
        "origin": by or ["kill"] * count,
        "result": ["delivered"] * count,
    }


def rows(page: Page) -> Locator:
    return page.locator("feed-table tbody tr:not(.spacer)")


def senders(page: Page) -> list[str]:
    return [row.split("\t")[2] for row in rows(page).all_inner_texts()]


def opened(page: Page, query: str = "") -> None:
    page.goto(f"/hosts/web-1/feeds/signals/{query}")
    expect(page.locator("#feed-state")).not_to_have_text("not connected")


def test_events_are_shown_filtered_sorted_and_kept_in_the_address(page: Page, feed: FeedDouble) -> None:
    opened(page)
    expect(page.locator(".feed-empty")).to_have_text("No events yet. They show up here as they happen.")
    wait_for(feed.is_leased, "the lease")
    feed.send(columns([30, 11, 20]), {LOST_RING: 13})
    expect(rows(page)).to_have_count(3)
    expect(page.locator("#feed-state")).to_have_text("live")
    assert findings(page) == []
    page.locator(".feed-losses summary").click()
    expect(page.locator(".feed-losses")).to_contain_text("13 dropped")
    expect(page.locator(".feed-losses tbody tr")).to_have_text(re.compile("kernel\\s*13\\s*its ring was full"))
    page.locator(".feed-losses summary").click()

    page.get_by_label("Filter Sender", exact=True).fill(">=20")
    expect(rows(page)).to_have_count(2)
    page.get_by_label("Filter Signal").fill("/^SIGT/")
    expect(page.locator(".feed-empty")).to_have_text("No event that is kept fits the filters.")
    page.reload()
    expect(page.get_by_label("Filter Signal")).to_have_value("/^SIGT/")
    page.get_by_role("button", name="Clear filters").click()
    expect(rows(page)).to_have_count(3)
    expect(page).to_have_url(re.compile(r"/signals/$"))

    page.get_by_role("columnheader", name="Sender", exact=True).get_by_role("button").click()
    expect(rows(page).first).to_contain_text("worker-11")
    assert senders(page) == ["11", "20", "30"]
    feed.send(columns([5, 7], first=3))
    expect(page.locator("#feed-pause")).to_have_text("Resume (2 new)")
    expect(rows(page)).to_have_count(3)
    page.keyboard.press("p")
    expect(rows(page)).to_have_count(5)
    assert senders(page) == ["30", "11", "20", "5", "7"]


def test_hostile_texts_stay_text_on_the_page_and_in_files(page: Page, feed: FeedDouble, tmp_path: Path) -> None:
    opened(page)
    feed.send(columns([1, 2, 3, 4, 5], HOSTILE))
    expect(rows(page)).to_have_count(5)
    cells = [row.split("\t")[-2] for row in rows(page).all_inner_texts()]
    assert cells == [HOSTILE[0], HOSTILE[1], "line\ufffdbreak", "x" * 300 + "…", "\ufffd\ufffdgnp"]
    rows(page).nth(3).click()
    expect(page.locator("feed-detail")).to_contain_text("x" * 8192)

    for kind in ("csv", "json"):
        page.locator("feed-tools summary", has_text="Export").click()
        with page.expect_download() as saved:
            page.get_by_role("button", name=kind.upper()).click()
        saved.value.save_as(tmp_path / kind)
    with (tmp_path / "csv").open(newline="") as file:
        assert [row["origin"] for row in csv.DictReader(file)] == [HOSTILE[0], f"'{HOSTILE[1]}", *HOSTILE[2:]]
    assert [event["origin"] for event in json.loads((tmp_path / "json").read_text())] == HOSTILE


def test_a_process_is_followed_jumped_to_and_profiled_by_keyboard(page: Page, feed: FeedDouble) -> None:
    opened(page, "?of-process=7")
    feed.send(columns([*range(1, 14)]))
    expect(rows(page)).to_have_count(2)  # what it sent, and what was sent to it
    page.get_by_label("Follow a process").fill("")
    page.get_by_label("Follow a process").press("Enter")
    expect(rows(page)).to_have_count(13)
    when = rows(page).nth(8).locator("td").first.inner_text()
    page.get_by_label("Jump to a time of day").fill(when[:8])
    page.get_by_label("Jump to a time of day").press("Enter")
    expect(page.locator("[aria-selected=true]")).to_contain_text("worker-9")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_contain_text("worker-10")
    grid = page.get_by_role("grid", name="Events")
    assert grid.get_attribute("aria-activedescendant") == page.locator("[aria-selected=true]").get_attribute("id")
    expect(grid).to_have_attribute("aria-rowcount", "15")
    expect(page.locator("[aria-selected=true]")).to_have_attribute("aria-rowindex", "12")
    link = page.locator("feed-detail").get_by_role("link", name="Profile process 10")
    expect(link).to_have_attribute("href", "/record/?host=web-1&pid=10")


def test_of_many_events_only_rows_in_sight_are_in_the_page(page: Page, feed: FeedDouble) -> None:
    opened(page)
    for first in range(0, 30_011, 10_007):
        feed.send(columns([*range(first, min(30_011, first + 10_007))], first=first))
    expect(page.locator(".feed-numbers")).to_have_text("30\u2009011 events")
    expect(rows(page).last).to_contain_text("worker-30010")
    assert rows(page).count() < 100
    page.locator(".feed-scroller").press("Home")
    expect(rows(page).first).to_contain_text("worker-0")
    expect(page.get_by_role("button", name="Newest ↓")).to_be_visible()
    feed.send(columns([77], first=40_000))
    expect(page.locator(".feed-numbers")).to_have_text("30\u2009012 events")
    expect(rows(page).first).to_contain_text("worker-0")
    page.get_by_role("button", name="Newest ↓").click()
    expect(rows(page).last).to_contain_text("worker-77")


def test_what_is_wrong_is_told(page: Page, feed: FeedDouble, host: AgentDouble, stack: Stack) -> None:
    host.die()
    opened(page)
    expect(page.locator("#feed-state")).to_have_text("host away")
    expect(page.locator("#feed-message")).to_contain_text("Host web-1 sends no heartbeat")
    host.beat()
    expect(page.locator("#feed-state")).to_have_text("starting")
    feed.fail("the kernel refused probe <b>signals</b>")
    expect(page.locator("#feed-message")).to_have_text("The kernel refused probe <b>signals</b>.")
    page.get_by_role("button", name="Try again").click()
    feed.send(columns([1]))
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#feed-message")).to_be_hidden()


def look(page: Page, *, away: bool) -> None:
    """A Chromium without windows hides no page by itself."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        away,
    )


def test_a_page_out_of_sight_lets_go_of_the_feed_and_takes_it_up_when_it_is_seen(page: Page, feed: FeedDouble) -> None:
    sockets: list[WebSocket] = []
    page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108 it keeps a mark on what it is given
    page.clock.install()
    opened(page)
    wait_for(feed.is_leased, "the lease")
    look(page, away=True)
    page.clock.fast_forward(OUT_OF_SIGHT_MS - LITTLE_MS)
    feed.send(columns([30]))
    expect(rows(page)).to_have_count(1)
    with sockets[0].expect_event("close"):
        page.clock.fast_forward(LITTLE_MS)
    feed.redis.delete(feed.lease)
    feed.send(columns([11], first=1))
    look(page, away=False)
    wait_for(feed.is_leased, "the lease again")
    expect(rows(page)).to_have_count(2)
    expect(page.locator("#feed-rested")).to_contain_text("Nothing was watched from")
    assert len(sockets) == 2


def test_a_filter_on_the_host_that_can_not_be_is_refused_in_words(
    page: Page, troubles: Troubles, feed: FeedDouble
) -> None:
    page.goto("/hosts/web-1/feeds/signals/?signal=65&in-signal=TERM")
    expect(page.get_by_role("alert")).to_contain_text("signal='65' must be a whole number from 0 to 64")
    assert not feed.is_leased()
    troubles.expect("422")


@pytest.fixture
def listener() -> Iterator[subprocess.Popen[str]]:
    """A process that minds no SIGUSR1, from now on."""
    program = (
        "import signal; signal.signal(signal.SIGUSR1, lambda *_: None); print(flush=True)\nwhile True: signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        running.stdout.readline()
        yield running
        running.kill()


def test_events_of_a_real_kernel_reach_the_page(page: Page, stack: Stack, listener: subprocess.Popen[str]) -> None:
    with running_agent(stack):
        wait_for(lambda: stack.knows(REAL_HOST), "the server to know this host")
        page.goto(f"/hosts/{REAL_HOST}/feeds/signals/?signal={signal.SIGUSR1.value}&in-target={listener.pid}")
        expect(page.locator("#feed-state")).to_have_text("live", timeout=60_000)
        for _ in range(13):
            listener.send_signal(signal.SIGUSR1)
        expect(rows(page)).to_have_count(13)
        expect(page.locator(".feed-losses summary")).to_have_text("0 dropped")
