"""What can be watched on a host, what can't and why; and what a feed's page is told."""

import json
import re

import pytest
from django.contrib.auth.models import User

from profiler.core import inventory
from profiler.core.channel import heartbeat_key
from profiler.core.inventory import Capability
from tests.agent_double import LASTING_S, AgentDouble, host_inventory
from tests.views.conftest import Browser

pytestmark = [pytest.mark.redis, pytest.mark.django_db]


@pytest.fixture
def picky(known: AgentDouble) -> AgentDouble:
    """Host web-1, which has signals, but no DNS queries."""
    dns = Capability(name="dns", available=False, reason="no tracepoint <x>", fix="Linux 4.1 or later")
    told = host_inventory(known.host).model_copy(update={"probes": (Capability(name="signals", available=True), dns)})
    known.redis.set(heartbeat_key(known.host), inventory.encode(told), ex=LASTING_S)
    return known


def test_what_can_not_be_watched_is_told_with_the_reason_and_what_would_change_it(
    viewer: User, picky: AgentDouble, browser: Browser
) -> None:
    page = browser(viewer).get("/hosts/web-1/feeds/").content.decode()
    rows = {found[1]: found[0] for found in re.findall(r'(<tr.*?href="/hosts/web-1/feeds/(\w+)/".*?</tr>)', page, re.S)}
    assert "Watch" in rows["signals"]
    assert "not here" not in rows["signals"]
    assert "no tracepoint &lt;x&gt;; Linux 4.1 or later" in rows["dns"]
    assert "does not know this probe: update it" in rows["tcp"]
    assert "to start a probe takes operator rights" in page


def test_a_host_that_hides_columns_says_which_before_anybody_watches(
    owner: User, picky: AgentDouble, browser: Browser
) -> None:
    told = host_inventory(picky.host).model_copy(update={"hides": ("path", "command", "name")})
    picky.redis.set(heartbeat_key(picky.host), inventory.encode(told), ex=LASTING_S)
    feeds, opens, signals, targets, host, probes = (
        browser(owner).get(address).content.decode()
        for address in (
            *(f"/hosts/web-1/{page}" for page in ("feeds/", "feeds/opens/", "feeds/signals/", "targets/", "")),
            "/probes/",
        )
    )
    assert "Hidden by this host: Path" in feeds
    assert "web-1 keeps what may be private to itself: Path is not shown here" in opens
    assert "keeps what may be private" not in signals
    assert "This host hides arguments of programs" in targets
    assert "the host hides their arguments" in host
    assert "Path</span> (a host may hide it)" in probes


def test_of_a_host_that_is_away_nothing_can_be_watched(owner: User, known: AgentDouble, browser: Browser) -> None:
    known.die()
    assert "sends no heartbeat" in browser(owner).get("/hosts/web-1/feeds/").content.decode()
    assert "sends no heartbeat" in browser(owner).get("/hosts/web-1/feeds/signals/").content.decode()


def now(page: str) -> dict[str, object]:
    found = re.search(r'<script id="feed-now" type="application/json">(.*?)</script>', page, re.S)
    assert found
    told: dict[str, object] = json.loads(found[1])
    return told


def test_the_page_knows_values_of_the_address_and_leaves_its_own_alone(
    owner: User, viewer: User, picky: AgentDouble, browser: Browser
) -> None:
    address = "/hosts/web-1/feeds/signals/?signal=15&comm=%3Cb%3E&in-sender=7&of-process=3"
    told = now(browser(owner).get(address).content.decode())
    assert told["values"] == {"pid": 0, "comm": "<b>", "signal": 15}
    assert told["record"] == "/record/"
    assert now(browser(viewer).get(address).content.decode())["record"] is None


@pytest.mark.parametrize(
    ("query", "words"),
    [("signal=65", "from 0 to 64"), ("signal=x", "whole number"), ("colour=1", "has no parameter colour")],
)
def test_parameters_that_can_not_be_are_refused_in_words(
    owner: User, picky: AgentDouble, browser: Browser, query: str, words: str
) -> None:
    response = browser(owner).get(f"/hosts/web-1/feeds/signals/?{query}")
    assert response.status_code == 422
    assert words in response.content.decode()
    assert "feed-now" not in response.content.decode()


@pytest.mark.parametrize("probe", ["nothing", "off_cpu"])
def test_what_is_no_feed_has_no_page(owner: User, picky: AgentDouble, browser: Browser, probe: str) -> None:
    assert browser(owner).get(f"/hosts/web-1/feeds/{probe}/").status_code == 404
