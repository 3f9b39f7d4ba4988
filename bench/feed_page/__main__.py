"""From an event to the screen: `python -m bench.feed_page [--rate 2000] [--seconds 20] [--agent]`.

A whole server, a real Redis and a real Chromium; with `--agent` a real agent, whose kernel sees that many signals a
second, else a writer of batches in its place. Prints latency of each event until the frame that draws it, how long the
page stood still, and what was dropped.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
from playwright.sync_api import Page, expect, sync_playwright

from profiler.core.probe import Columns, Probe
from profiler.probes.registry import probe_named
from tests.agent.servers import wait_for
from tests.agent_double import AgentDouble
from tests.e2e.chromium import ARGS, CHROMIUM
from tests.e2e.stack import REAL_HOST, Stack, prepare, running_agent, running_stack
from tests.feed_double import FeedDouble

PROBE = "signals"
BATCH_S = 0.25
SETTLE_S = 3.0
OBSERVE = Path(__file__).with_name("observe.js")
# A child that ends is told to its parent by a signal that nobody minds.
LOAD = """
import os, signal, sys, time
rate, pid = int(sys.argv[1]), os.getpid()
begin, sent = time.monotonic(), 0
while True:
    due = int((time.monotonic() - begin) * rate)
    for _ in range(due - sent):
        os.kill(pid, signal.SIGCHLD)
    sent = due
    time.sleep(0.005)
"""


def columns(probe: Probe, at_ns: np.ndarray[Any, Any], first: int) -> Columns:
    """Events at these times, different from each other as real ones are."""
    numbers = np.arange(first, first + len(at_ns), dtype="<u8")
    made: Columns = {}
    for field in probe.fields:
        texts = [f"{field.name}-{n % 97}" for n in numbers.tolist()]
        made[field.name] = texts if field.shows.is_text else numbers
    return made | {probe.fields[0].name: at_ns.astype("<u8")}


def write(feed: FeedDouble, rate: int, end: Event) -> None:
    """As an agent does: every quarter of a second what happened in it."""
    begin = time.time()
    while not end.wait(BATCH_S):
        due = int((time.time() - begin) * rate)
        at = (begin + np.arange(feed.sent, due) / rate) * 1e9
        feed.send(columns(feed.probe, at, feed.sent))


@contextmanager
def writing(feed: FeedDouble, rate: int) -> Iterator[None]:
    end = Event()
    writer = Thread(target=write, args=(feed, rate, end))
    writer.start()
    try:
        yield
    finally:
        end.set()
        writer.join()


@contextmanager
def signals(rate: int) -> Iterator[int]:
    """The pid of a process that sends itself so many signals a second."""
    load = subprocess.Popen([sys.executable, "-c", LOAD, str(rate)])
    try:
        yield load.pid
    finally:
        load.send_signal(signal.SIGKILL)
        load.wait()


def opened(page: Page, stack: Stack, host: str, query: str = "") -> None:
    page.goto(f"{stack.base_url}/hosts/{host}/feeds/{PROBE}/{query}")
    expect(page.locator("#feed-state")).to_have_text("live", timeout=60_000)


def measure(page: Page, seconds: float) -> dict[str, Any]:
    """What the page saw of the next seconds."""
    time.sleep(SETTLE_S)
    page.evaluate("observed.latencies.length = observed.blocks.length = 0")
    before = page.evaluate("observed.came")
    time.sleep(seconds)
    found: dict[str, Any] = page.evaluate("observed")
    latencies = np.array(found["latencies"]) / 1000
    return {
        "events/s": round((found["came"] - before) / seconds),
        "p50 s": round(float(np.percentile(latencies, 50)), 3),
        "p95 s": round(float(np.percentile(latencies, 95)), 3),
        "max s": round(float(latencies.max()), 3),
        "longest block ms": round(max(found["blocks"], default=0)),
        "blocks over 50 ms": len(found["blocks"]),
        "rows in the page at most": found["rows"],
        "told": page.locator(".feed-losses summary").inner_text(),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=int, default=2000)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--agent", action="store_true")
    given = options.parse_args()
    with ExitStack() as parts:
        directory = Path(parts.enter_context(tempfile.TemporaryDirectory())) / "prepared"
        prepare(directory)
        stack = parts.enter_context(running_stack(directory))
        browser = parts.enter_context(sync_playwright()).chromium.launch(executable_path=CHROMIUM, args=[*ARGS])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": stack.session_key, "url": stack.base_url}])
        context.add_init_script(path=OBSERVE)
        page = context.new_page()
        if given.agent:
            parts.enter_context(running_agent(stack))
            wait_for(lambda: stack.knows(REAL_HOST), "the server to know this host", 60)
            pid = parts.enter_context(signals(given.rate))
            opened(page, stack, REAL_HOST, f"?pid={pid}")
        else:
            AgentDouble(stack.redis.client).beat()
            wait_for(lambda: stack.knows("web-1"), "the server to know web-1", 60)
            feed = FeedDouble(stack.redis.client, probe=probe_named(PROBE))
            parts.enter_context(writing(feed, given.rate))
            opened(page, stack, "web-1")
        for name, value in measure(page, given.seconds).items():
            print(f"{name:26} {value}")
        browser.close()


if __name__ == "__main__":
    main()
