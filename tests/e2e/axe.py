"""What axe-core finds in a page, wide and on a phone, in light and dark: nothing serious, nothing critical."""

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, ViewportSize

DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
FAILING = {"serious", "critical"}
# Colours are all that the other scheme changes.
OF_COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
ALL = {"resultTypes": ["violations"]}


def findings(page: Page, sizes: Sequence[ViewportSize] = (DESK, PHONE)) -> list[str]:
    """Rule, page, and the first elements that break it. The page is left as it was, light."""
    page.wait_for_load_state("networkidle")
    before, wrong = page.viewport_size, []
    for size in sizes:
        if size != page.viewport_size:
            page.set_viewport_size(size)
        wrong += _found(page, ALL)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        wrong += [f"dark, {each}" for each in _found(page, OF_COLOURS)]
        page.emulate_media(color_scheme="light", reduced_motion="null")
    if before is not None and before != page.viewport_size:
        page.set_viewport_size(before)
    return wrong


def _found(page: Page, options: dict[str, Any]) -> list[str]:
    violations: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"{page.url} at {page.viewport_size} {each['id']}: {node['target'][0]}: {node['failureSummary']}"
        for each in violations
        if each["impact"] in FAILING
        for node in each["nodes"][:3]
    ]
