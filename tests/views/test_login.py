"""Ways in: the password, the link that works once."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiler.sharing import create_login_link
from tests.personas import PASSWORD

pytestmark = pytest.mark.django_db


def logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_password_opens_the_page_that_was_asked_for(owner: User, client: Client) -> None:
    asked = client.get("/tokens/").headers["Location"]
    page = client.get(asked)
    form = {"username": "olga", "password": PASSWORD, "next": page.context["next"]}
    assert client.post(asked, form).headers["Location"] == "/tokens/"


def test_a_wrong_password_says_so_and_keeps_the_name(owner: User, client: Client) -> None:
    page = client.post("/login/", {"username": "olga", "password": "wrong"}).content.decode()
    assert "Wrong user name or password" in page
    assert 'value="olga"' in page
    assert not logged_in(client)


def test_looking_at_a_login_link_does_not_use_it_up(owner: User, client: Client) -> None:
    address = f"/login/link/{create_login_link(owner)}/"
    assert client.get(address).status_code == 200
    assert not logged_in(client)
    assert client.post(address).headers["Location"] == "/hosts/"
    assert logged_in(client)


def test_a_login_link_works_once(owner: User, client: Client) -> None:
    address = f"/login/link/{create_login_link(owner)}/"
    client.post(address)
    second = Client().post(address)
    assert second.status_code == 404
    assert "was used" in second.content.decode()


@pytest.mark.parametrize("wish", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_login_link_leads_to_no_other_site(owner: User, client: Client, wish: str) -> None:
    address = f"/login/link/{create_login_link(owner)}/"
    assert client.post(address, {"next": wish}).headers["Location"] == "/hosts/"


def test_a_login_link_leads_on_to_a_page_of_ours(owner: User, client: Client) -> None:
    address = f"/login/link/{create_login_link(owner)}/?next=/profiles/"
    assert client.get(address).context["next"] == "/profiles/"
    assert client.post(address, {"next": "/profiles/"}).headers["Location"] == "/profiles/"


def test_logging_out_ends_the_session(owner: User, client: Client) -> None:
    client.force_login(owner)
    client.post("/logout/")
    assert not logged_in(client)
    assert client.get("/hosts/").status_code == 302
