"""The server's commands; what `record` does with a worker is in tests/jobs/test_worker.py."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import override_settings

from profiler.sharing import consume_login_link
from tests.agent_double import AgentDouble

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


def output(*command: str) -> str:
    text = StringIO()
    call_command(*command, stdout=text)
    return text.getvalue().strip()


def test_the_first_admin_gets_a_link_that_works() -> None:
    path = output("loginlink", "--create-admin", "--next", "/runs/1/?a=b&c=d")
    assert path.startswith("/login/link/")
    assert path.endswith("/?next=/runs/1/%3Fa%3Db%26c%3Dd")
    user = consume_login_link(path.split("/")[3])
    assert (user.username, user.is_superuser, user.has_usable_password()) == ("admin", True, False)


def test_there_is_only_one_first_admin(admin: User) -> None:
    for _ in range(2):
        assert consume_login_link(output("loginlink", "--create-admin").split("/")[3]) == admin
    assert User.objects.count() == 1


def test_a_link_for_somebody_else(owner: User) -> None:
    assert consume_login_link(output("loginlink", "--user", "olga").split("/")[3]) == owner


def test_a_link_for_nobody_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="there is no active user 'nobody'"):
        output("loginlink", "--user", "nobody")


def test_recording_an_unknown_host_says_so(redis: object) -> None:
    with pytest.raises(CommandError, match="host 'nowhere' is not known"):
        output("record", "--host", "nowhere")


@pytest.mark.parametrize("option", [("--frequency", "0"), ("--duration", "0")])
def test_a_wrong_option_is_named(agent: AgentDouble, option: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="not 0"):
        output("record", "--host", "web-1", *option)


def test_without_waiting_the_runs_path_is_printed(agent: AgentDouble) -> None:
    assert output("record", "--host", "web-1").startswith("/runs/")


@override_settings(REDIS_URL="unix:///nonexistent/redis.sock")
def test_without_redis_recording_says_so(db: None) -> None:
    with pytest.raises(CommandError, match="Redis does not answer"):
        output("record", "--host", "web-1")
