"""Share links, login links and API tokens: what they open, and for how long."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from profiler.errors import ForbiddenError, InvalidError, NotFoundError
from profiler.ingest.store import Origin, store
from profiler.models import ApiToken, LoginLink, Share, StoredProfile
from profiler.sharing import (
    authenticate_token,
    consume_login_link,
    create_login_link,
    create_share,
    create_token,
    open_share,
    revoke_share,
    revoke_token,
    shares_of,
)
from profiler.sharing.login import delete_expired_links
from tests import personas
from tests.agent_double import cpu_profile

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def profile(owner: User) -> StoredProfile:
    return store(cpu_profile("web-1"), Origin(owner, "a profile", "folded"))


def test_a_share_opens_its_profile_and_counts_views(profile: StoredProfile, owner: User) -> None:
    share, secret = create_share(owner, profile.pk, "?view=icicle")
    assert open_share(secret, count=True).profile == profile
    assert open_share(secret).view_state == "view=icicle"
    share.refresh_from_db()
    assert share.views == 1


def test_the_database_does_not_know_the_secrets(profile: StoredProfile, owner: User) -> None:
    _, share = create_share(owner, profile.pk)
    _, token = create_token(owner, "ci")
    link = create_login_link(owner)
    stored = str([*Share.objects.values(), *ApiToken.objects.values(), *LoginLink.objects.values()])
    assert all(secret not in stored and len(secret) >= 43 for secret in (share, token, link))


def test_a_revoked_share_opens_nothing_and_stays_revoked(profile: StoredProfile, owner: User) -> None:
    share, secret = create_share(owner, profile.pk)
    first = revoke_share(owner, share.pk).revoked_at
    assert revoke_share(owner, share.pk).revoked_at == first
    assert not shares_of(owner, profile.pk)
    with pytest.raises(NotFoundError, match="does not exist, has expired or was revoked"):
        open_share(secret)


@pytest.mark.parametrize("secret", ["", "x", "../../etc", "\ud800", "a" * 10_000])
def test_a_wrong_secret_opens_nothing(db: None, secret: str) -> None:
    with pytest.raises(NotFoundError):
        open_share(secret)
    with pytest.raises(NotFoundError):
        consume_login_link(secret)
    assert authenticate_token(secret) is None


def test_shares_end_with_their_creator(profile: StoredProfile, owner: User) -> None:
    _, secret = create_share(owner, profile.pk)
    owner.is_active = False
    owner.save()
    with pytest.raises(NotFoundError):
        open_share(secret)


def test_operators_share_what_others_made_but_revoke_only_their_own(profile: StoredProfile, owner: User) -> None:
    share, _ = create_share(owner, profile.pk)
    colleague = personas.colleague()
    assert create_share(colleague, profile.pk)[0].creator == colleague
    with pytest.raises(ForbiddenError, match="belongs to somebody else"):
        revoke_share(colleague, share.pk)


def test_viewers_may_not_share(profile: StoredProfile, viewer: User) -> None:
    with pytest.raises(ForbiddenError, match="may only look, not share"):
        create_share(viewer, profile.pk)


def test_a_view_state_has_a_limit(profile: StoredProfile, owner: User) -> None:
    with pytest.raises(InvalidError, match="view_state: 5000 characters"):
        create_share(owner, profile.pk, "q" * 5000)


def test_a_login_link_works_once(owner: User) -> None:
    secret = create_login_link(owner)
    assert consume_login_link(secret) == owner
    with pytest.raises(NotFoundError, match="was used"):
        consume_login_link(secret)


def test_of_many_clicks_on_a_login_link_one_wins(owner: User) -> None:
    secret = create_login_link(owner)

    def click(_: int) -> bool:
        try:
            consume_login_link(secret)
        except NotFoundError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(click, range(6))) == 1


def test_an_expired_login_link_is_refused_and_deleted(owner: User) -> None:
    secret = create_login_link(owner, lifetime=timedelta(seconds=-1))
    with pytest.raises(NotFoundError, match="expired"):
        consume_login_link(secret)
    assert delete_expired_links() == 1


def test_a_deactivated_users_links_and_tokens_open_nothing(owner: User) -> None:
    link, (_, token) = create_login_link(owner), create_token(owner, "ci")
    owner.is_active = False
    owner.save()
    assert authenticate_token(token) is None
    with pytest.raises(NotFoundError):
        consume_login_link(link)


def test_a_token_stands_for_its_user_until_it_is_revoked(owner: User) -> None:
    token, secret = create_token(owner, " ci ")
    assert secret.startswith("wp_")
    assert authenticate_token(secret) == owner
    token.refresh_from_db()
    assert (token.name, bool(token.last_used_at)) == ("ci", True)
    revoke_token(owner, token.pk)
    assert authenticate_token(secret) is None


def test_last_used_is_written_at_most_once_a_minute(owner: User) -> None:
    token, secret = create_token(owner, "ci")
    recent = timezone.now() - timedelta(seconds=30)
    ApiToken.objects.update(last_used_at=recent)
    authenticate_token(secret)
    token.refresh_from_db()
    assert token.last_used_at == recent


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_tokens_name_has_bounds(owner: User, name: str) -> None:
    with pytest.raises(InvalidError, match="give 1 to 100"):
        create_token(owner, name)


def test_another_users_token_does_not_exist(owner: User, admin: User) -> None:
    token, _ = create_token(owner, "ci")
    with pytest.raises(NotFoundError):
        revoke_token(admin, token.pk)
