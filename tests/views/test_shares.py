"""What a guest with a link sees."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiler.models import Run, Share
from profiler.sharing import create_share, revoke_share
from tests.views.conftest import Browser

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def guest(browser: Browser) -> Client:
    return browser(None)


def test_a_guest_sees_the_profile_and_no_way_into_the_rest(finished: Run, owner: User, guest: Client) -> None:
    _, secret = create_share(owner, finished.profile.pk)
    page = guest.get(f"/s/{secret}/").content.decode()
    assert f'src="/s/{secret}/tree"' in page
    assert str(finished.profile.pk) not in page
    assert 'href="/hosts/' not in page
    assert guest.get(f"/s/{secret}/tree").content[:4] == b"WPT1"


def test_the_address_goes_nowhere_else(finished: Run, owner: User, guest: Client) -> None:
    _, secret = create_share(owner, finished.profile.pk)
    for path in (f"/s/{secret}/", f"/s/{secret}/tree", "/s/unknown/"):
        response = guest.get(path)
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response.headers["X-Robots-Tag"]


def test_a_link_opens_with_the_view_it_was_made_with_and_counts_once(finished: Run, owner: User, guest: Client) -> None:
    _, secret = create_share(owner, finished.profile.pk, "?q=malloc&view=flame")
    opened = guest.get(f"/s/{secret}/", follow=True)
    assert opened.redirect_chain == [(f"/s/{secret}/?q=malloc&view=flame", 302)]
    assert Share.objects.get().views == 1


def test_a_revoked_link_says_whom_to_ask(finished: Run, owner: User, guest: Client) -> None:
    share, secret = create_share(owner, finished.profile.pk)
    revoke_share(owner, share.pk)
    response = guest.get(f"/s/{secret}/")
    assert response.status_code == 404
    assert "revoked" in response.content.decode()
    assert guest.get(f"/s/{secret}/tree").status_code == 404


def test_a_view_cannot_lead_to_another_site(finished: Run, owner: User, guest: Client) -> None:
    _, secret = create_share(owner, finished.profile.pk, "\r\nLocation: https://evil.example")
    assert guest.get(f"/s/{secret}/").headers["Location"].startswith(f"/s/{secret}/?")
