"""The command palette's answers: what each persona finds, and in which order."""

import pytest
from django.contrib.auth.models import AnonymousUser, User

from profiler import heartbeats
from profiler.errors import NotFoundError, TooLargeError
from profiler.jobs.hosts import register
from profiler.query import palette
from profiler.query.palette import MAX_FOUND, MAX_WANTED, find
from tests.agent_double import AgentDouble

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def known(agent: AgentDouble) -> AgentDouble:
    register(heartbeats.living())
    return agent


def titles(user: User, wanted: str) -> list[tuple[str, str]]:
    return [(one.kind, one.title) for one in find(user, wanted)]


def test_pages_hosts_and_profiles_are_found_by_a_few_letters(owner: User, known: AgentDouble) -> None:
    AgentDouble(known.redis, "db-primary-7").beat()
    register(heartbeats.living())
    assert titles(owner, "dbp7")[0] == ("host", "db-primary-7")
    assert titles(owner, "srul")[0] == ("page", "Service rules")
    found = find(owner, "dbp7")[0]
    assert found.path == "/hosts/db-primary-7/"
    assert "".join(found.title[place] for place in found.marks) == "dbp7"


def test_without_letters_pages_come_first(owner: User, known: AgentDouble) -> None:
    found = titles(owner, "")
    assert found[0] == ("page", "Hosts")
    assert ("host", "web-1") in found


def test_who_may_not_record_is_not_sent_to_record(owner: User, viewer: User, known: AgentDouble) -> None:
    assert ("page", "Record") in titles(owner, "record")
    assert ("page", "Record") not in titles(viewer, "record")
    assert ("host", "web-1") in titles(viewer, "web1")


def test_for_strangers_and_guests_nothing_exists(stranger: User, known: AgentDouble) -> None:
    for user in (stranger, AnonymousUser()):
        with pytest.raises(NotFoundError):
            find(user, "web")


@pytest.mark.parametrize("wanted", ["\0", "web\0-1", "%", "_", "'; drop", "🎉", "а́"])
def test_hostile_letters_are_letters(owner: User, known: AgentDouble, wanted: str) -> None:
    assert len(find(owner, wanted)) <= MAX_FOUND + len(palette.PAGES)


def test_too_many_letters_are_refused_with_the_limit(owner: User) -> None:
    with pytest.raises(TooLargeError, match="MAX_WANTED"):
        find(owner, "x" * (MAX_WANTED + 1))
