"""Our views beside the graph: from the press to the answer on screen, and the longest time the page stood still."""

from playwright.sync_api import Page

from bench.viewer.timings import Numbers, settled, wheel

#: What each press shows, and what is there when it is shown.
VIEWS = {
    "table": ("Table", "stack-table tbody tr[aria-rowindex]"),
    "sandwich": ("Sandwich", "sandwich-view header p:not(:empty)"),
    "call tree": ("Call tree", "call-tree tbody tr[aria-level]"),
}
STEPS = {"hide kernel": "hide%kernel", "recursion": "recursion", "invert": "invert"}
LIMIT_MS = 30_000


def views(page: Page) -> Numbers:
    """The first press of each: with its module, and for the table of a big tree with the start of the worker."""
    numbers: Numbers = {}
    for name, (button, shown) in VIEWS.items():
        numbers |= {f"{name} ms": press(page, button, shown), f"{name}, longest block ms": longest_block(page)}
    press(page, "Graph", "flame-graph canvas")
    numbers |= wheel(page, shift=True, name="pan")
    for name, step in STEPS.items():
        numbers |= {f"{name} ms": take(page, step), f"{name}, longest block ms": longest_block(page)}
        take(page, "")
    return numbers


def first_visit_kb(page: Page) -> Numbers:
    """What came over the wire for the page and its worker's modules, but for the profile itself, in the page or not."""
    script = """() => performance.getEntries().filter((e) => "transferSize" in e && !/\\/tree(\\?|$)/.test(e.name))
        .reduce((sum, e) => sum + e.transferSize, 0)"""
    in_page = page.evaluate("() => document.querySelector('script[data-of]')?.textContent.length ?? 0")
    workers = sum(worker.evaluate(script) for worker in page.workers)
    return {"first visit kB": (page.evaluate(script) + workers - in_page) / 1000}


def press(page: Page, button: str, shown: str) -> float:
    """Milliseconds from the press to the first frame in which `shown` is visible."""
    page.evaluate("() => __probe.clear()")
    script = """([text, shown, limit]) => new Promise((resolve, reject) => {
        const began = performance.now();
        const look = () => {
            const found = [...document.querySelectorAll(shown)].some((node) => node.checkVisibility());
            if (found) requestAnimationFrame(() => resolve(performance.now() - began));
            else if (performance.now() - began > limit) reject(new Error(`${text} was not shown`));
            else requestAnimationFrame(look);
        };
        [...document.querySelectorAll("transform-bar button")].find((node) => node.textContent === text).click();
        requestAnimationFrame(look);
    })"""
    return float(page.evaluate(script, [button, shown, LIMIT_MS]))


def take(page: Page, step: str) -> float:
    """Milliseconds from a step to the first picture of the tree it makes; "" undoes all steps."""
    settled(page)
    page.evaluate("() => __probe.clear()")
    script = """(step) => {
        const steps = step === "" ? [] : [step];
        window.__began = performance.now();
        document.querySelector("transform-bar").dispatchEvent(new CustomEvent("steps", { detail: { steps } }));
    }"""
    page.evaluate(script, step)
    return settled(page)["first"] - float(page.evaluate("() => window.__began"))


def longest_block(page: Page) -> float:
    """The longest task that kept the page from answering since the last press; 0 below the browser's 50 ms."""
    return float(page.evaluate("() => Math.max(0, ...__probe.longTasks)"))
