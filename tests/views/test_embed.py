"""What may stand in a frame of another site: one share link, where the settings name the site."""

from collections.abc import Mapping

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from profiler.models import Run, Share
from profiler.sharing import create_share, revoke_share
from tests.views.conftest import Browser

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
WIKI = "https://wiki.example.com"


@pytest.fixture
def guest(browser: Browser) -> Client:
    return browser(None)


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "EMBED_ORIGINS", (WIKI, "https://*.example.org"))


def framed_by(headers: Mapping[str, str]) -> str:
    policy = headers["Content-Security-Policy"]
    return next(rule for rule in policy.split("; ") if rule.startswith("frame-ancestors"))


def test_nothing_may_be_framed_until_a_site_is_named(finished: Run, owner: User, guest: Client) -> None:
    _, secret = create_share(owner, finished.profile.pk)
    assert framed_by(guest.get(f"/embed/{secret}/").headers) == "frame-ancestors 'none'"


def test_a_named_site_may_frame_embeds_and_nothing_else(
    finished: Run, owner: User, browser: Browser, guest: Client, embedded: None
) -> None:
    _, secret = create_share(owner, finished.profile.pk)
    response = guest.get(f"/embed/{secret}/")
    assert framed_by(response.headers) == f"frame-ancestors {WIKI} https://*.example.org"
    assert "X-Frame-Options" not in response.headers
    for path in (f"/s/{secret}/", "/login/", f"/profiles/{finished.profile.pk}/"):
        response = browser(owner).get(path)
        assert framed_by(response.headers) == "frame-ancestors 'none'"
        assert response.headers["X-Frame-Options"] == "DENY"


def test_an_embed_leads_to_its_profile_and_nowhere_else(finished: Run, owner: User, guest: Client) -> None:
    _, secret = create_share(owner, finished.profile.pk)
    page = guest.get(f"/embed/{secret}/").content.decode()
    assert f'href="/s/{secret}/"' in page
    assert f'src="/s/{secret}/tree"' in page
    for other in (str(finished.profile.pk), "/hosts/", "/login/"):
        assert other not in page


def test_an_embed_opens_with_the_view_of_its_link_and_keeps_the_theme(
    finished: Run, owner: User, guest: Client
) -> None:
    _, secret = create_share(owner, finished.profile.pk, "?q=malloc")
    opened = guest.get(f"/embed/{secret}/?theme=dark", follow=True)
    assert opened.redirect_chain == [(f"/embed/{secret}/?q=malloc&theme=dark", 302)]
    assert 'data-theme="dark"' in opened.content.decode()
    assert Share.objects.get().views == 1


@pytest.mark.parametrize("theme", ["", "blue", '"><script>'])
def test_without_a_theme_it_is_the_system_s(finished: Run, owner: User, guest: Client, theme: str) -> None:
    _, secret = create_share(owner, finished.profile.pk)
    guest.cookies["theme"] = "dark"
    assert "data-theme=" not in guest.get(f"/embed/{secret}/", {"theme": theme}).content.decode()


def test_a_revoked_embed_says_so_within_its_frame(finished: Run, owner: User, guest: Client, embedded: None) -> None:
    share, secret = create_share(owner, finished.profile.pk)
    revoke_share(owner, share.pk)
    response = guest.get(f"/embed/{secret}/")
    assert response.status_code == 404
    assert "revoked" in response.content.decode()
    assert WIKI in framed_by(response.headers)


def test_the_share_dialog_offers_a_frame_where_a_site_is_named(
    finished: Run, owner: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/profiles/{finished.profile.pk}/"
    assert "share-embed" not in browser(owner).get(path).content.decode()
    monkeypatch.setattr(settings, "EMBED_ORIGINS", (WIKI,))
    assert "share-embed" in browser(owner).get(path).content.decode()
