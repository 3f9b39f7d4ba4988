"""Every page as every persona. The pages are those of the URL table: one without a rule here fails."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import URLPattern, reverse

from tests import personas
from tests.agent_double import AgentDouble
from tests.views.conftest import Browser
from webprof.urls import pages

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
ROLES = ("owner", "colleague", "viewer", "admin", "stranger")
TO_LOGIN = 302


@dataclass(frozen=True)
class Rule:
    """What owner, colleague, viewer, admin and stranger get; `nobody`: who is not logged in, or may not be."""

    statuses: tuple[int, int, int, int, int]
    method: str = "get"
    nobody: int = TO_LOGIN
    data: dict[str, Any] = field(default_factory=dict)


LISTS = Rule((200, 200, 200, 200, 200))  # empty for strangers
TEAM = Rule((200, 200, 200, 200, 404))
OPERATORS = Rule((200, 200, 403, 200, 404))
# Nothing is held: who may freeze is told so.
FREEZES = Rule((409, 409, 403, 409, 404), "post", data={"seconds": "60"})
SWITCHES = Rule((302, 302, 403, 302, 404), "post", data={"on": "true"})
ADMINS_POST = Rule((403, 403, 403, 302, 404), "post")
OWNERS_POST = Rule((302, 403, 403, 302, 404), "post")
# Owner, colleague and viewer are not in the group bpftrace; an admin needs none.
TRACERS = Rule((403, 403, 403, 200, 404))
EVERYBODY = Rule((200, 200, 200, 200, 200), nobody=200)

RULES = {
    "explore": TEAM,
    "bpftrace": TRACERS,
    "bpftrace-program": TRACERS,
    "bpftrace-stacks": TRACERS,
    "bpftrace-tree": TRACERS,
    "bpftrace-stop": Rule((403, 403, 403, 409, 404), "post"),  # it is over
    "continuous": LISTS,
    "continuous-delete": ADMINS_POST,
    "continuous-move": ADMINS_POST,
    "host-continuous": ADMINS_POST,
    "services": LISTS,
    "service-rule-delete": ADMINS_POST,
    "service-rule-move": ADMINS_POST,
    "operations": TEAM,
    "home": Rule((302, 302, 302, 302, 302)),
    "favicon": Rule((302, 302, 302, 302, 302)),
    "login": Rule((302, 302, 302, 302, 302), nobody=200),
    "login-link": EVERYBODY,
    "logout": Rule((302, 302, 302, 302, 302), "post"),
    "hosts": LISTS,
    "host": TEAM,
    "host-targets": TEAM,
    "probes": TEAM,
    "host-feeds": TEAM,
    "host-feed": TEAM,
    "host-histograms": TEAM,
    "host-histogram": TEAM,
    "host-histogram-kept": Rule((422, 422, 422, 422, 404)),
    "host-histogram-examples": Rule((422, 422, 422, 422, 404)),
    "host-histogram-tree": Rule((422, 422, 422, 422, 404)),
    "host-freeze": FREEZES,
    "host-flight": SWITCHES,
    "record": OPERATORS,
    "checkups": LISTS,
    "checkup": TEAM,
    "checkup-delete": OWNERS_POST,
    "checkup-shares": TEAM,
    "checkup-share": EVERYBODY,
    "checkup-share-profile": EVERYBODY,
    "checkup-share-tree": EVERYBODY,
    "checkup-share-moments": EVERYBODY,
    "run": TEAM,
    "run-stop": OWNERS_POST,
    "profiles": LISTS,
    "profile": TEAM,
    "profile-tree": TEAM,
    "profile-moments": TEAM,
    "profile-folded": TEAM,
    "profile-html": TEAM,
    "profile-delete": OWNERS_POST,
    "shares": TEAM,
    "share": EVERYBODY,
    "share-tree": EVERYBODY,
    "embed": EVERYBODY,
    "share-html": EVERYBODY,
    "share-moments": EVERYBODY,
    "debug-files": LISTS,
    "debug-file-delete": Rule((302, 302, 403, 302, 404), "post"),
    "tokens": LISTS,
    "token-revoke": Rule((302, 404, 404, 404, 404), "post"),
}
NAMES = [str(page.name) for page in pages]
TOKENS = {name: "share" for name in NAMES if name.startswith(("share", "embed"))} | {
    **{name: "checkup_share" for name in NAMES if name.startswith("checkup-share")},
    "login-link": "login",
}


def address(name: str, keys: dict[str, str]) -> str:
    pattern = next(page for page in pages if page.name == name)
    assert isinstance(pattern, URLPattern)
    wanted = pattern.pattern.converters
    return reverse(name, kwargs={key: keys[TOKENS[name] if key == "token" else key] for key in wanted})


def expected(rule: Rule, persona: str) -> int:
    return rule.statuses[ROLES.index(persona)] if persona in ROLES else rule.nobody


@pytest.mark.parametrize("persona", personas.EACH)
@pytest.mark.parametrize("name", NAMES)
def test_each_page_answers_each_persona_as_it_should(
    name: str, persona: str, owner: User, keys: dict[str, str], browser: Browser
) -> None:
    assert name in RULES, f"page {name!r} has no rule here: say who may see it"
    rule = RULES[name]
    client = browser(owner if persona == "owner" else personas.make(persona))
    response = getattr(client, rule.method)(address(name, keys), rule.data)
    assert response.status_code == expected(rule, persona), response.content[:500]
    if expected(rule, persona) == TO_LOGIN and persona in ("anonymous", "deactivated"):
        assert response.url.startswith("/static/" if name == "favicon" else "/login/")


@pytest.mark.parametrize("name", NAMES)
def test_no_page_offers_a_viewer_what_a_viewer_may_not_do(
    name: str, viewer: User, keys: dict[str, str], browser: Browser
) -> None:
    page = browser(viewer).get(address(name, keys)).content.decode(errors="replace")
    for verb in (
        "/stop/",
        "/delete/",
        "/flight/",
        "/freeze/",
        "/move/",
        'id="form"',
        "Start recording",
        "Make a link",
        'id="file"',
    ):
        assert verb not in page


def test_a_stranger_learns_what_to_do(stranger: User, agent: AgentDouble, browser: Browser) -> None:
    page = browser(stranger).get("/hosts/").content.decode()
    assert "no role yet" in page
    assert "web-1" not in page


def test_no_rule_is_about_a_page_that_is_gone() -> None:
    assert set(RULES) == set(NAMES)
