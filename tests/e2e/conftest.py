"""A real webprof and a real Chromium."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.agent.servers import ROOT, wait_for
from tests.agent_double import AgentDouble
from tests.e2e.chromium import ARGS, CHROMIUM
from tests.e2e.contexts import Contexts
from tests.e2e.known_fleet import MIDNIGHT
from tests.e2e.stack import ADMIN, PASSWORD, Stack, prepare, running_stack
from tests.e2e.viewer_driver import Viewer
from tests.e2e.viewer_site import site

# Two shared cores: a page may wait for its turn, but not for ever.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
# A heartbeat that outlives any test: nobody repeats it.
FOR_EVER_S = 3600


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each stack begins with, made once for all processes that run tests side by side: it takes seconds."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "prepared"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            prepare(shared)
    return shared


@pytest.fixture(scope="session")
def stack(prepared: Path) -> Iterator[Stack]:
    with running_stack(prepared) as running:
        yield running


# Not of the whole session: it would leave a running event loop to the tests of other folders.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGS])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def registered(stack: Stack) -> None:
    """The server knows host web-1 from its first heartbeat on."""
    AgentDouble(stack.redis.client).beat(ttl_s=FOR_EVER_S)
    wait_for(lambda: stack.knows("web-1"), "the server to know web-1")


@pytest.fixture(scope="session")
def fleet(stack: Stack) -> None:
    """The known fleet is in the profile store."""
    fill = [sys.executable, "-m", "tests.e2e.fill_fleet", str(int(MIDNIGHT.timestamp()))]
    subprocess.run(fill, env=stack.environment, cwd=ROOT, check=True)


@pytest.fixture
def host(stack: Stack, registered: None) -> AgentDouble:
    """Host web-1, alive and known to the server."""
    double = AgentDouble(stack.redis.client)
    double.beat(ttl_s=FOR_EVER_S)
    return double


class Troubles:
    """What must not happen in a page: script errors, refused content, failed loads, dialogs of hostile names."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: {error}"))
        page.on("console", lambda line: self._hear(page, line))
        page.on("dialog", lambda dialog: self.found.append(f"{page.url}: dialog {dialog.message}"))

    def _hear(self, page: Page, line: ConsoleMessage) -> None:
        if line.type == "error":
            self.found.append(f"{page.url}: {line.text}")

    def expect(self, text: str) -> None:
        """Forget those with this text; there must be some."""
        kept = [trouble for trouble in self.found if text not in trouble]
        assert len(kept) < len(self.found), f"no {text!r} in {self.found}"
        self.found = kept


@pytest.fixture
def troubles() -> Iterator[Troubles]:
    """Fails the test at its end when a page had trouble that the test did not expect."""
    watched = Troubles()
    yield watched
    assert watched.found == []


@pytest.fixture(scope="package")
def contexts(browser: Browser) -> Iterator[Contexts]:
    made = Contexts(browser)
    yield made
    made.close()


@pytest.fixture
def context(contexts: Contexts, stack: Stack) -> Iterator[BrowserContext]:
    with contexts.lend(base_url=stack.base_url, viewport={"width": 1440, "height": 900}) as lent:
        lent.set_default_timeout(PATIENCE_MS)
        yield lent


@pytest.fixture
def guest(context: BrowserContext, troubles: Troubles) -> Page:
    """A page of somebody who is not logged in."""
    page = context.new_page()
    troubles.watch(page)
    return page


@pytest.fixture
def page(context: BrowserContext, guest: Page, stack: Stack) -> Page:
    """A page of the admin, which shows nothing yet."""
    enter(context, stack)
    return guest


def enter(context: BrowserContext, stack: Stack) -> None:
    """As the admin, who has logged in before: each time the form and the page behind it take a second."""
    context.add_cookies([{"name": "sessionid", "value": stack.session_key, "url": stack.base_url}])


def log_in(page: Page) -> None:
    page.goto("/login/")
    page.get_by_label("User name").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/hosts/")


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[str]]]:
    """The viewer alone, on a site without the rest: its address, and the trees it was asked for."""
    with site() as running:
        yield running


@pytest.fixture
def viewer(contexts: Contexts, server: tuple[str, list[str]]) -> Iterator[Viewer]:
    # Zoom at once: a test that clicks must not chase a moving frame.
    with contexts.lend(viewport={"width": 1200, "height": 700}, reduced_motion="reduce") as context:
        viewer = Viewer(context.new_page(), server[0])
        yield viewer
    assert viewer.errors == []
