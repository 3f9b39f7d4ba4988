"""What one page is measured by: opening, memory, zoom, search, wheel, hover.

"Shown" is the start of the frame after the one that drew.
"""

import time
from itertools import pairwise

from playwright.sync_api import CDPSession, Page

TERM = "serialize"
WHEEL_S = 2.0
HOVER_S = 2.0
QUIET_MS = 300
MB = 1e6
Numbers = dict[str, float]


def measure(page: Page, url: str, target: list[str]) -> Numbers:
    """`target`: names from below the root down to the frame that is clicked."""
    page.goto(url)
    page.evaluate("() => __flame.ready")
    numbers: Numbers = {"open ms": settled(page)["last"]} | memory(page.context.new_cdp_session(page))
    numbers |= zoom(page, target)
    numbers["search ms, worst key"] = search(page)
    page.evaluate("() => __flame.search('')")
    settled(page)
    return numbers | wheel(page) | hover(page)


def settled(page: Page) -> Numbers:
    """Times of the first and last new picture."""
    result: Numbers = page.evaluate(f"() => __probe.settled({QUIET_MS})")
    return result


def memory(session: CDPSession) -> Numbers:
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    return {"heap MB": usage["usedSize"] / MB, "typed arrays MB": usage["backingStorageSize"] / MB}


def zoom(page: Page, target: list[str]) -> Numbers:
    rect = page.evaluate("path => __flame.rectOf(path)", target)
    x, y = rect["x"] + min(40, rect["width"] / 3), rect["y"] + rect["height"] / 2
    page.mouse.move(x, y)
    page.wait_for_timeout(150)
    page.evaluate("() => __probe.clear()")
    page.mouse.click(x, y)
    numbers = since(page, "click", "zoom ms")
    page.evaluate("() => __flame.reset()")
    settled(page)
    return numbers


def since(page: Page, event: str, name: str) -> Numbers:
    shown = settled(page)
    began = page.evaluate(f"() => __probe.events.{event}")
    return {name: shown["first"] - began, f"{name}, settled": shown["last"] - began}


def search(page: Page) -> float:
    page.click(page.evaluate("() => __flame.searchInput"))
    worst = 0.0
    for key in TERM:
        page.evaluate("() => __probe.clear()")
        page.keyboard.press(key)
        worst = max(worst, since(page, "keydown", "key")["key"])
    return worst


def wheel(page: Page) -> Numbers:
    page.mouse.move(500, 350)
    page.evaluate("() => __probe.clear()")
    steps, began = 0, time.monotonic()
    while time.monotonic() - began < WHEEL_S:
        page.mouse.wheel(0, -60 if steps // 15 % 2 == 0 else 60)
        steps += 1
    frames = page.evaluate("() => __probe.shown")
    gaps = [b - a for a, b in pairwise(frames)]
    return {"wheel frames/s": len(frames) / (time.monotonic() - began), "wheel worst gap ms": max(gaps, default=0.0)}


def hover(page: Page) -> Numbers:
    page.evaluate("() => __probe.clear()")
    began, i = time.monotonic(), 0
    while time.monotonic() - began < HOVER_S:
        page.mouse.move(60 + i * 37 % 1300, 200 + i * 13 % 400)
        i += 1
    return {"hover long tasks": len(page.evaluate("() => __probe.longTasks"))}
