"""What one page is measured by: opening, memory, zoom, search, wheel, hover.

"Shown" is the start of the frame after the one that drew.
"""

import time
from collections.abc import Mapping
from itertools import pairwise

from playwright.sync_api import Page

from bench.viewer.cpu import browser_cpu_ms
from bench.viewer.memory import memory

TERM = "serialize"
WHEEL_MS = 2_000
HOVER_S = 2.0
QUIET_MS = 300
Numbers = dict[str, float]

# Events as a wheel makes them 60 times a second, from the page itself: sent from outside, their way would be measured.
# Half a second inwards, which makes the floor's picture twenty times as wide, half a second outwards. With an event for
# each frame (`eachFrame`) the movement is as fast: who makes more pictures makes smaller steps, and does not show a few
# frames from very near for most of the time.
WHEEL = """([x, y, duration, keys, eachFrame]) => new Promise((resolve) => {
    const canvas = document.elementFromPoint(x, y);
    const began = performance.now();
    let last = 0;
    const turn = () => {
        const at = performance.now() - began;
        if (at > duration) { clearInterval(timer); resolve(at); return; }
        const deltaY = (Math.floor(at / 500) % 2 === 0 ? -30 : 30) * (eachFrame ? (at - last) * 0.06 : 1);
        last = at;
        const init = { bubbles: true, cancelable: true, clientX: x, clientY: y, deltaY, ...keys };
        canvas.dispatchEvent(new WheelEvent("wheel", init));
        if (eachFrame) requestAnimationFrame(turn);  // after the page has asked for its frame: each is drawn
    };
    const timer = eachFrame ? requestAnimationFrame(turn) : setInterval(turn, 1000 / 60);
})"""


def measure(page: Page, url: str, target: list[str]) -> Numbers:
    """`target`: names from below the root down to the frame that is clicked."""
    numbers = opening(page, url)
    page.evaluate("() => __flame.whole?.()")
    numbers |= memory(page) | zoom(page, target)
    numbers["search ms, worst key"] = search(page)
    page.evaluate("() => __flame.search('')")
    settled(page)
    return numbers | wheel(page) | hover(page)


def opening(page: Page, url: str) -> Numbers:
    """From the navigation to the last new picture, and until all that belongs around it is there."""
    page.goto(url)
    page.evaluate("() => __flame.ready")
    return {"open ms": settled(page)["last"], "all of the page ms": page.evaluate("() => __probe.ready")}


def settled(page: Page, limit_ms: int = 20_000) -> Numbers:
    """Times of the first and last new picture."""
    result: Numbers = page.evaluate(f"() => __probe.settled({QUIET_MS}, {limit_ms})")
    return result


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


def wheel(page: Page, shift: bool = False, name: str = "wheel") -> Numbers:
    page.evaluate("() => __probe.clear()")
    took = page.evaluate(WHEEL, [500, 350, WHEEL_MS, {"shiftKey": shift}, False])
    frames = page.evaluate("() => __probe.shown")
    gaps = [b - a for a, b in pairwise(frames)]
    return {f"{name} frames/s": len(frames) / (took / 1000), f"{name} worst gap ms": max(gaps, default=0.0)}


def wheel_freely(page: Page, url: str) -> Numbers:
    """The same with an event for each picture, in a browser that waits for no display: what drawing costs."""
    page.goto(url)
    page.evaluate("() => __flame.ready")
    page.evaluate("() => __flame.whole?.()")
    settled(page)
    return turn_freely(page, {})


def turn_freely(page: Page, keys: Mapping[str, bool]) -> Numbers:
    """`keys` are held down, as properties of the event."""
    page.evaluate("() => __probe.clear()")
    before = browser_cpu_ms()
    took = page.evaluate(WHEEL, [500, 350, WHEEL_MS, keys, True])
    cpu = browser_cpu_ms() - before
    frames = len(page.evaluate("() => __probe.shown"))
    return {"wheel, no display, frames/s": frames / (took / 1000), "wheel, CPU ms a frame": cpu / max(1, frames)}


def hover(page: Page) -> Numbers:
    page.evaluate("() => __probe.clear()")
    began, i = time.monotonic(), 0
    while time.monotonic() - began < HOVER_S:
        page.mouse.move(60 + i * 37 % 1300, 200 + i * 13 % 400)
        i += 1
    return {"hover long tasks": len(page.evaluate("() => __probe.longTasks"))}
