"""The viewer's page as the tests drive it."""

import contextlib

from playwright.sync_api import Locator, Page, TimeoutError, expect  # noqa: A004 - the one that its calls raise

from tests.agent.servers import wait_for

SOON_MS = 2_000


class Viewer:
    """A page with the viewer; any error in its scripts fails the test."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base, self.errors = page, base, list[str]()
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, query: str) -> "Viewer":
        self.page.goto(f"{self.base}/?{query}")
        self.page.wait_for_function("() => window.__flame")
        return self

    def shown(self, query: str = "tree=web") -> "Viewer":
        self.open(query).page.evaluate("() => __flame.ready")
        return self

    def rect(self, *names: str) -> dict[str, float]:
        rect: dict[str, float] = self.page.evaluate("names => __flame.rectOf(names)", list(names))
        return rect

    def click(self, *names: str) -> None:
        rect = self.rect(*names)
        self.page.mouse.click(rect["x"] + min(20, rect["width"] / 2), rect["y"] + 8)

    def crumbs(self) -> list[str]:
        return self.page.locator("zoom-crumbs li").all_inner_texts()

    def pixel(self, x: float, y: float) -> list[int]:
        """Colour of the graph's canvas at client coordinates, when it has been painted."""
        script = """async ([x, y]) => {
            await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            const canvas = document.querySelector("flame-graph canvas"), box = canvas.getBoundingClientRect();
            return [...canvas.getContext("2d").getImageData(x - box.left, y - box.top, 1, 1).data];
        }"""
        color: list[int] = self.page.evaluate(script, [x, y])
        return color


def double_click(row: Locator, opens: Locator) -> None:
    """Rows may still be put in their order: a second press that meets another row than the first opens nothing."""

    def opened() -> bool:
        with contextlib.suppress(AssertionError, TimeoutError):
            row.dblclick(timeout=SOON_MS)
            expect(opens).to_be_visible(timeout=SOON_MS)
        return opens.is_visible()

    wait_for(opened, "what a double click opens")
