"""One's own API tokens."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiler.models import ApiToken

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _logged_in(client: Client, owner: User) -> None:
    client.force_login(owner)


def test_a_new_token_works_and_is_shown_once(client: Client) -> None:
    made = client.post("/tokens/", {"name": "nightly"})
    secret = made.context["secret"]
    assert secret in made.content.decode()
    assert "no-store" in made.headers["Cache-Control"]
    assert secret not in client.get("/tokens/").content.decode()
    assert Client().get("/api/v1/profiles", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_a_bad_name_is_refused_and_kept(client: Client, name: str) -> None:
    response = client.post("/tokens/", {"name": name})
    assert response.status_code == 422
    assert f"{len(name.strip())} characters" in response.content.decode()
    assert not ApiToken.objects.exists()


def test_a_revoked_token_is_gone(client: Client) -> None:
    client.post("/tokens/", {"name": "nightly"})
    page = client.post(f"/tokens/{ApiToken.objects.get().pk}/revoke/", follow=True).content.decode()
    assert "is revoked" in page
    assert not ApiToken.objects.exists()
