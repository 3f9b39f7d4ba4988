"""How long a person waits for Explore: from the navigation to the flame graph on the screen, in a real Chromium.

Usage: WEBPROF_DATA=DIRECTORY python -m bench.store.explore_page [REPEATS]
The directory's store is one that `build` filled; static files are gathered into it as `webprof up` does. "First visit":
an empty browser cache. "Again": the same page opened anew. Milliseconds since the navigation began; times are medians.
"""

import os
import statistics
import sys
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from bench.store.measure import FIRST, asked, times_of  # noqa: E402
from bench.store.web import Web, running_web  # noqa: E402
from tests.e2e.chromium import ARGS, CHROMIUM  # noqa: E402

RANGES = {"1 service, 1 h": (FIRST, 3, 4), "1 service, 24 h": (FIRST, 0, 24), "all services, 24 h": ("", 0, 24)}
SHOWN = ("page", "timeline", "flame graph")
# What is drawn in a frame is on the screen when the frame after it begins.
PROBE = """() => {
    const shown = (window.__shown = {});
    const later = (act) => requestAnimationFrame(() => requestAnimationFrame(act));
    const note = (name) => later(() => (shown[name] ??= performance.now()));
    addEventListener("DOMContentLoaded", () => note("page"));
    document.addEventListener("treechange", (event) => event.detail.tree.total[0] > 0 && note("flame graph"), true);
    new MutationObserver(() => document.querySelector("#explore-facts span") && note("timeline"))
        .observe(document, { childList: true, subtree: true });
}"""


def main(repeats: int) -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    print(f"load {os.getloadavg()[0]:.1f}; {', '.join(SHOWN)} on the screen after … ms")
    with running_web() as web, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGS])
        for name, asked_for in RANGES.items():
            visits = [visit(browser, web, url_of(web, *asked_for)) for _ in range(repeats)]
            for which, place in (("first visit", 0), ("again", 1)):
                medians = (statistics.median(both[place][what] for both in visits) for what in SHOWN)
                print(f"{name:20} {which:12}" + "".join(f"{median:8.0f}" for median in medians))
        browser.close()


def url_of(web: Web, selector: str, begin_h: float, end_h: float) -> str:
    return f"{web.url}/explore/?{urlencode(times_of(asked(selector, begin_h, end_h)))}"


def visit(browser: Browser, web: Web, url: str) -> tuple[dict[str, float], dict[str, float]]:
    """Opened in a browser that knows nothing, and once more."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": web.session, "url": web.url}])
    page = context.new_page()
    page.add_init_script(f"({PROBE})()")
    both = opened(page, url), opened(page, url)
    context.close()
    return both


def opened(page: Page, url: str) -> dict[str, float]:
    page.goto(url)
    page.wait_for_function(f"() => Object.keys(__shown).length === {len(SHOWN)}", timeout=60_000)
    shown: dict[str, float] = page.evaluate("() => __shown")
    return shown


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
