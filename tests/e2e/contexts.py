"""Browser contexts that tests use one after the other.

The first page of a context takes a second of CPU time: Chromium makes a window, its controls, and processes for them.
Each context here keeps an empty page, so that a test's page is but a tab. What a test leaves behind is taken away.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext

ALL_ORIGINS = "*"


class Contexts:
    """Those of one browser, by their options."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, BrowserContext] = {}

    @contextmanager
    def lend(self, **options: Any) -> Iterator[BrowserContext]:
        """Like `browser.new_context(**options)`: nothing in it, nobody else has it; its first page stays empty."""
        key = repr(sorted(options.items()))
        lent = self._free.pop(key, None) or self._made(options)
        yield lent
        _empty(lent, bool(options.get("offline")))
        self._free[key] = lent

    def close(self) -> None:
        for context in self._free.values():
            context.close()

    def _made(self, options: dict[str, Any]) -> BrowserContext:
        made = self._browser.new_context(**options)
        made.new_page()
        return made


def _empty(context: BrowserContext, offline: bool) -> None:
    window, *pages = context.pages
    for page in pages:
        page.close()
    context.unroute_all()
    context.clear_permissions()
    context.clear_cookies()
    context.set_offline(offline)
    session = context.new_cdp_session(window)
    session.send("Storage.clearDataForOrigin", {"origin": ALL_ORIGINS, "storageTypes": "all"})
    session.detach()
