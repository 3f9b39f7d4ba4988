"""What a guest with a link to a 60-second check sees: this check and its CPU profiles, and nothing else."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from profiler.checkups import start
from profiler.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from profiler.models import Checkup, CheckupShare, Run
from profiler.sharing import (
    checkup_shares_of,
    create_checkup_share,
    create_share,
    open_checkup_share,
    open_share,
    revoke_checkup_share,
)
from tests.agent_double import AgentDouble
from tests.checkup_double import COMMAND, HIDDEN_PATH, ended_checkup
from tests.views.conftest import Browser

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
PAGES = ("", "profiles/web-1/", "profiles/web-1/tree", "profiles/web-1/moments?by=offset")


@pytest.fixture
def checked(owner: User, finished: Run) -> Checkup:
    return ended_checkup(owner, run=finished)


@pytest.fixture
def guest(browser: Browser) -> Client:
    return browser(None)


def test_a_guest_sees_the_findings_and_no_way_into_the_rest(checked: Checkup, owner: User, guest: Client) -> None:
    _, secret = create_checkup_share(owner, checked.pk)
    page = guest.get(f"/c/{secret}/").content.decode()
    assert COMMAND in page
    places = set(re.findall(r'(?:href|src|action)="(/[^"]*)"', page))
    beyond = {place for place in places if not place.startswith((f"/c/{secret}/", "/static/"))}
    assert not beyond
    assert owner.get_username() not in page
    assert str(checked.pk) not in page


def test_what_the_host_hid_stays_hidden(checked: Checkup, owner: User, guest: Client) -> None:
    _, secret = create_checkup_share(owner, checked.pk)
    answer = guest.get(f"/c/{secret}/").content.decode().partition('id="web-1-opens"')[2].partition("</section>")[0]
    assert HIDDEN_PATH in answer
    assert "Path</th>" not in answer
    assert "Name</th>" in answer


def test_what_has_no_answer_for_the_same_reason_is_one_line_without_a_place_below(
    checked: Checkup, owner: User, guest: Client
) -> None:
    _, secret = create_checkup_share(owner, checked.pk)
    page = guest.get(f"/c/{secret}/").content.decode()
    assert page.count("it was not asked") == 1
    assert "Slow file operations, Disk latency, " in page
    assert set(re.findall(r'href="#([^"]+)"', page)) - {"main"} == {"web-1-programs", "web-1-opens", "web-1-cpu"}
    assert all(page.count(f'id="web-1-{name}"') == 1 for name in ("programs", "opens", "cpu"))


def test_its_flame_graph_opens_by_the_same_secret_and_without_notes(
    checked: Checkup, finished: Run, owner: User, guest: Client
) -> None:
    _, secret = create_checkup_share(owner, checked.pk)
    assert f'href="/c/{secret}/profiles/web-1/"' in guest.get(f"/c/{secret}/").content.decode()
    page = guest.get(f"/c/{secret}/profiles/web-1/").content.decode()
    assert f'src="/c/{secret}/profiles/web-1/tree"' in page
    assert "notes-path" not in page
    assert str(finished.profile.pk) not in page
    assert guest.get(f"/c/{secret}/profiles/web-1/tree").content[:4] == b"WPT1"


@pytest.mark.parametrize("host", ["web-2", "web-1%00", "..", "x" * 300])
def test_a_link_opens_profiles_of_its_own_hosts_alone(host: str, checked: Checkup, owner: User, guest: Client) -> None:
    _, secret = create_checkup_share(owner, checked.pk)
    for page in ("", "tree", "moments"):
        assert guest.get(f"/c/{secret}/profiles/{host}/{page}").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_link_that_is_over_opens_nothing(
    page: str, checked: Checkup, finished: Run, owner: User, guest: Client
) -> None:
    revoked, first = create_checkup_share(owner, checked.pk)
    expired, second = create_checkup_share(owner, checked.pk, days=1)
    _, other = create_share(owner, finished.profile.pk)
    assert guest.get(f"/c/{first}/{page}").status_code == guest.get(f"/c/{second}/{page}").status_code == 200
    revoke_checkup_share(owner, checked.pk, revoked.pk)
    CheckupShare.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    guessed = first[:-1] + ("A" if first[-1] != "A" else "B")
    for secret in (first, second, guessed, other):
        response = guest.get(f"/c/{secret}/{page}")
        assert response.status_code == 404
        assert COMMAND not in response.content.decode()


def test_the_address_goes_nowhere_else_and_views_are_counted(checked: Checkup, owner: User, guest: Client) -> None:
    _, secret = create_checkup_share(owner, checked.pk)
    for path in (*PAGES, "profiles/none/"):
        response = guest.get(f"/c/{secret}/{path}")
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response.headers["X-Robots-Tag"]
    assert CheckupShare.objects.get().views == 1


def test_the_secret_of_a_check_opens_no_profile_share_and_the_other_way_round(
    checked: Checkup, finished: Run, owner: User
) -> None:
    _, of_check = create_checkup_share(owner, checked.pk)
    _, of_profile = create_share(owner, finished.profile.pk)
    with pytest.raises(NotFoundError):
        open_share(of_check)
    with pytest.raises(NotFoundError):
        open_checkup_share(of_profile)


def test_links_to_profiles_can_end_too(finished: Run, owner: User) -> None:
    share, secret = create_share(owner, finished.profile.pk, days=30)
    assert open_share(secret) == share
    type(share).objects.update(expires_at=timezone.now())
    with pytest.raises(NotFoundError, match="has expired or was revoked"):
        open_share(secret)


def test_who_shares_what_and_for_how_long(
    checked: Checkup, owner: User, viewer: User, stranger: User, known: AgentDouble
) -> None:
    for days in (0, 366):
        with pytest.raises(InvalidError, match=f"days: {days} given; choose 1 to 365"):
            create_checkup_share(owner, checked.pk, days=days)
    with pytest.raises(ForbiddenError, match="may only look, not share"):
        create_checkup_share(viewer, checked.pk)
    with pytest.raises(NotFoundError):
        create_checkup_share(stranger, checked.pk)
    assert not checkup_shares_of(viewer, checked.pk)
    with pytest.raises(ConflictError, match="still looks"):
        create_checkup_share(owner, start(owner, ["web-1"]).pk)


def test_a_link_is_revoked_as_one_of_its_own_check(checked: Checkup, owner: User, viewer: User) -> None:
    share, secret = create_checkup_share(owner, checked.pk)
    other = ended_checkup(owner)
    with pytest.raises(NotFoundError):
        revoke_checkup_share(owner, other.pk, share.pk)
    with pytest.raises(ForbiddenError):
        revoke_checkup_share(viewer, checked.pk, share.pk)
    assert open_checkup_share(secret).pk == share.pk
