"""A host over time: lanes of counters and of what probes saw, a cursor through all of them, what a chosen part was."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from redis import Redis

from profiler.core.channel import counters_key
from profiler.core.counter_batch import CounterBatch, encode
from profiler.core.counters import Row
from profiler.core.feed_channel import feed_id, feed_key
from profiler.core.histogram_batch import HistogramBatch
from profiler.core.histogram_batch import encode as encode_histogram
from profiler.core.probe import Columns
from profiler.probes.registry import probe_named
from tests.agent.servers import wait_for
from tests.agent_double import AgentDouble
from tests.e2e.conftest import FOR_EVER_S
from tests.e2e.stack import Stack
from tests.feed_double import FeedDouble

pytestmark = [pytest.mark.e2e, pytest.mark.redis]
SECOND_NS = 1_000_000_000
# Of each second: 11 faults, but 4,999 in one. Two CPUs that are busy for a quarter of the time.
FAULTS, MANY = 11, 4999
QUIET: dict[str, float] = {"cpu.user": SECOND_NS / 2, "cpu.idle": 1.5 * SECOND_NS, "vm.major_faults": 0}
QUIET |= {"mem.total": 2**34, "mem.available": 2**33, "mem.free": 2**32}
SECONDS = 240


# Each test has a host of its own: what was sent of one stays in its database.
HOSTS = ("lanes-0", "lanes-1", "lanes-2", "lanes-3", "lanes-4", "lanes-5")


@pytest.fixture(scope="module")
def hosts(stack: Stack) -> Iterator[str]:
    for name in HOSTS:
        AgentDouble(stack.redis.client, name).beat(ttl_s=FOR_EVER_S)
    for name in HOSTS:
        wait_for(lambda name=name: stack.knows(name), f"the server to know {name}")  # type: ignore[misc]
    return iter(HOSTS)


@dataclass(frozen=True)
class Sent:
    """A host, and counters of its seconds before `until_s`: with a burst of faults, and a gap."""

    host: str
    until_s: int
    redis: "Redis"

    def seconds(self, begin_s: int, end_s: int, faults: int = FAULTS) -> None:
        rows = []
        for second in range(begin_s, end_s):
            if not self.until_s - 100 <= second < self.until_s - 80:
                count = MANY if second == self.until_s - 60 else faults
                rows.append(Row((second + 1) * SECOND_NS, SECOND_NS, QUIET | {"vm.faults": count}))
        for i in range(0, len(rows), 60):
            batch = CounterBatch.of(self.host, rows[i : i + 60])
            self.redis.xadd(counters_key(self.host), {"data": encode(batch)})


@pytest.fixture
def sent(stack: Stack, hosts: Iterator[str]) -> Sent:
    made = Sent(next(hosts), int(time.time()) - 5, stack.redis.client)
    made.seconds(made.until_s - SECONDS, made.until_s)
    return made


def open_host(page: Page, sent: Sent, lanes: str = "") -> None:
    """Five minutes that stand still, in steps of a second."""
    page.goto(f"/hosts/{sent.host}/?since={_iso(sent.until_s - 300)}&until={_iso(sent.until_s)}{lanes}")
    expect(page.locator('[data-lane="faults"] path').first).to_be_attached()


def _iso(at_s: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_s))


def point_at(page: Page, share: float, lane: str = "faults") -> tuple[float, float]:
    over, row = page.locator(".lanes-over").bounding_box(), page.locator(f'[data-lane="{lane}"]').bounding_box()
    assert over is not None
    assert row is not None
    place = over["x"] + over["width"] * share, row["y"] + row["height"] / 2
    page.mouse.move(*place)
    return place


def test_one_cursor_tells_the_numbers_of_all_lanes_and_a_gap_is_a_gap(page: Page, sent: Sent) -> None:
    open_host(page, sent)
    page.locator(".lanes-body").scroll_into_view_if_needed()
    # The burst was a minute before the end of five.
    point_at(page, 1 - 59.5 / 300)
    expect(page.locator('[data-lane="faults"] [data-part="all"] b')).to_have_text("4\u2009999/s")
    expect(page.locator('[data-lane="cpu"] [data-part="user"] b')).to_have_text("25.0\u2009%")
    expect(page.locator('[data-lane="memory"] [data-part="in use"] b')).to_have_text("8\u2009GiB")
    point_at(page, 1 - 90 / 300, lane="cpu")
    expect(page.locator('[data-lane="faults"] [data-part="all"] b')).to_have_text("–")
    # Of disks and networks nothing came: they have no lane.
    expect(page.locator('[data-lane="disk"]')).to_be_hidden()


def test_a_drag_chooses_a_part_with_its_graph_and_numbers_and_the_address_has_it(page: Page, sent: Sent) -> None:
    open_host(page, sent)
    page.locator(".lanes-body").scroll_into_view_if_needed()
    point_at(page, 0.7)
    page.mouse.down()
    point_at(page, 0.8)
    point_at(page, 0.9)
    page.mouse.up()
    expect(page.locator("#part")).to_be_visible()
    expect(page.locator("#part profile-view")).to_contain_text("Nothing was sampled in this part")
    asked = parse_qs(urlsplit(page.url).query)
    tree = parse_qs(urlsplit(page.locator("#part profile-view").get_attribute("src") or "").query)
    assert (tree["since"], tree["until"]) == (asked["from"], asked["to"])
    assert tree["selector"] == [f'host="{sent.host}"']
    page.locator("#numbers summary").click()
    expect(page.locator("#numbers tr", has_text="Page faults: all").locator("td").nth(3)).to_have_text("4\u2009999/s")
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator(".lane-window")).to_be_visible()
    page.get_by_role("button", name="Zoom in").click()
    expect(page.locator("#part")).to_be_hidden()
    assert parse_qs(urlsplit(page.url).query)["since"] == asked["from"]


def test_keys_choose_a_part_too_and_say_what_is_there(page: Page, sent: Sent) -> None:
    open_host(page, sent)
    lanes = page.locator(".lanes-body")
    lanes.focus()
    page.keyboard.press("End")
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("time-lanes [role=status]")).to_contain_text("Page faults: all 11/s")
    page.keyboard.press("Space")
    expect(page.locator('#part [data-part="length"]')).to_have_text("4\u2009s")
    page.keyboard.press("Escape")
    expect(page.locator("#part")).to_be_hidden()


def test_live_lanes_move_with_what_comes_and_stand_when_they_are_paused(page: Page, sent: Sent) -> None:
    page.goto(f"/hosts/{sent.host}/")
    newest = page.locator('[data-lane="faults"] [data-part="all"] b')
    expect(newest).to_have_text("11/s")
    sent.seconds(sent.until_s, int(time.time()) + 10, faults=77)
    expect(newest).to_have_text("77/s")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#live-state")).to_have_text("stands still")
    expect(page).to_have_url(re.compile("since=.*until="))
    page.get_by_role("button", name="Go live").click()
    expect(page.locator("#live-state")).to_have_text("live")
    assert urlsplit(page.url).query == ""


def test_a_host_without_counters_says_so(page: Page, host: AgentDouble) -> None:
    page.goto("/hosts/web-1/?since=2001-01-01T00:00:00Z&until=2001-01-01T01:00:00Z")
    expect(page.locator("#lanes-message")).to_contain_text("No counters in this range")
    expect(page.locator("time-lanes")).to_be_hidden()


def signals(at_s: dict[int, float]) -> Columns:
    """From each sender one at its time (Unix), to the process after it."""
    count = len(at_s)
    pids = np.array([*at_s], dtype="<u4")
    return {
        "at_ns": np.array([int(at * SECOND_NS) for at in at_s.values()], dtype="<u8"),
        "signal": ["SIGTERM"] * count,
        "sender": pids,
        "sender_name": [f"worker-{sender}" for sender in at_s],
        "uid": np.zeros(count, dtype="<u4"),
        "target": pids + np.uint32(1),
        "target_name": ["victim"] * count,
        "origin": ["kill"] * count,
        "result": ["delivered"] * count,
    }


def send_latency(sent: Sent, at_s: int, bucket: int, events: int) -> None:
    """Of a second: so many requests to a disk that took from 2^bucket ns on."""
    probe = probe_named("block_latency")
    assert probe.histogram
    counts = np.zeros((1, probe.histogram.buckets.count), dtype=np.int64)
    counts[0, bucket] = events
    times = (at_s * SECOND_NS, (at_s + 1) * SECOND_NS)
    buckets = probe.histogram.buckets
    batch = HistogramBatch(sent.host, probe.name, *times, buckets, (("vda", "read"),), counts, (1,))
    feed = feed_id(probe.name, probe.values({}))
    sent.redis.xadd(feed_key(sent.host, feed), {"data": encode_histogram(batch)})


def test_what_probes_saw_has_lanes_and_a_pressed_event_is_told_with_the_latencies_of_its_part(
    page: Page, sent: Sent
) -> None:
    feed = FeedDouble(sent.redis, sent.host, probe_named("signals"))
    end = sent.until_s
    feed.send(signals({701: end - 100.5, 703: end - 59.5, 709: end - 30.5}))
    send_latency(sent, sent.until_s - 60, 20, 13)
    open_host(page, sent, "&events=signals&histograms=block_latency")
    lane, latency = page.locator('[data-lane="events-signals"]'), page.locator('[data-lane="histogram-block_latency"]')
    expect(lane.locator(".lane-numbers")).to_have_text("3 in sight")
    expect(latency.locator('[data-part="p99"] b')).to_have_text("1–2.1 ms")
    page.locator(".lanes-body").focus()
    page.keyboard.press("p")
    spoken = page.locator("time-lanes [role=status]")
    expect(spoken).to_contain_text("worker-709")
    page.keyboard.press("p")
    expect(spoken).to_contain_text("Signals: 1 event")
    expect(spoken).to_contain_text("worker-703")
    expect(spoken).to_contain_text("Block I/O latency: p50 1–2.1 ms")
    assert not feed.is_leased(), "a time that is over needs no probe"

    point_at(page, 1 - 59.5 / 300, lane="events-signals")
    expect(lane.locator(".lane-tip")).to_contain_text("worker-703")
    page.mouse.down()
    page.mouse.up()
    expect(page.locator(".part-held")).to_have_text("1 event of this part.")
    expect(page.locator("feed-table [aria-selected=true]")).to_contain_text("worker-703")
    expect(page.get_by_role("link", name="Profile process 703")).to_have_attribute(
        "href", f"/record/?host={sent.host}&pid=703"
    )
    expect(page.locator(".part-histogram")).to_contain_text("13 events: p50 1–2.1 ms")
    expect(page.locator("distribution-chart .main-svg").first).to_be_visible()

    page.get_by_role("link", name="Open the feed at this time").click()
    expect(page.locator("#feed-state")).to_have_text("stands still")
    expect(page.locator("feed-table [aria-selected=true]")).to_contain_text("worker-703")
    page.go_back()
    expect(page.locator(".part-held")).to_have_text("1 event of this part.")
    page.get_by_role("button", name="Remove the lane Signals").click()
    expect(lane).to_have_count(0)
    page.go_back()
    expect(lane).to_be_visible()


def test_a_lane_that_is_added_is_watched_and_goes_on_with_what_comes(page: Page, sent: Sent) -> None:
    feed = FeedDouble(sent.redis, sent.host, probe_named("signals"))
    page.goto(f"/hosts/{sent.host}/")
    page.locator(".lane-menu summary").click()
    page.get_by_role("checkbox", name="Signals").check()
    lane = page.locator('[data-lane="events-signals"]')
    wait_for(feed.is_leased, "the lease of the feed")
    feed.send(signals({701: time.time() - 11, 703: time.time() - 10}))
    expect(lane.locator(".lane-numbers")).to_have_text("2 in sight")
    feed.send(signals({709: time.time() - 9}))
    expect(lane.locator(".lane-numbers")).to_have_text("3 in sight")
    expect(page).to_have_url(re.compile("events=signals$"))
