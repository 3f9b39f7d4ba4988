"""Hosts as they are now."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from profiler.core.spec import RecordingSpec
from profiler.errors import NotFoundError
from profiler.jobs import start
from profiler.jobs.reconcile import reconcile
from profiler.models import Host
from profiler.query.hosts import get_host, list_hosts
from profiler.query.runs import list_runs
from tests.agent_double import AgentDouble

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


def test_a_living_host_offers_its_processes(agent: AgentDouble, viewer: User) -> None:
    reconcile()
    host = get_host(viewer, "web-1")
    assert host.alive
    assert host.inventory is not None
    assert [process.comm for process in host.inventory.processes] == ["python3"]


def test_a_dead_host_is_listed_with_what_is_known(agent: AgentDouble, viewer: User) -> None:
    reconcile()
    agent.die()
    (host,) = list_hosts(viewer)
    assert not host.alive
    assert host.inventory is not None
    assert (host.inventory.system.kernel, host.inventory.processes) == ("6.1.0", ())


def test_a_host_written_by_another_version_is_still_listed(viewer: User, agent: AgentDouble) -> None:
    Host.objects.create(id="old-1", inventory={"what": "ever"}, last_seen=timezone.now() - timedelta(days=9))
    assert [host.inventory for host in list_hosts(viewer)] == [None]


def test_the_active_run_is_named(owner: User, agent: AgentDouble) -> None:
    run = start(owner, RecordingSpec(), ["web-1"]).runs.get()
    assert get_host(owner, "web-1").run == str(run.pk)


def test_a_hundred_hosts_cost_as_many_queries_as_one(
    viewer: User, agent: AgentDouble, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for i in range(100):
        AgentDouble(agent.redis, f"h{i}").beat()
    reconcile()
    with django_assert_num_queries(3):  # role, hosts, active runs
        assert len(list_hosts(viewer)) == 101


def test_a_page_of_runs_costs_three_queries(
    owner: User, agent: AgentDouble, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for i in range(5):
        AgentDouble(agent.redis, f"h{i}").beat()
    start(owner, RecordingSpec(), [f"h{i}" for i in range(5)])
    with django_assert_num_queries(3):  # role, count, page
        for run in list_runs(owner).items:
            _ = run.job.owner.username, run.host.last_seen, getattr(run, "profile", None)


def test_a_host_nobody_knows_is_not_found(viewer: User, agent: AgentDouble) -> None:
    with pytest.raises(NotFoundError, match="host 'nowhere' does not exist"):
        get_host(viewer, "nowhere")
