"""Plans of continuous profiling: which counts for a host, and that hosts are told until they do what is wanted."""

import base64
import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from profiler import heartbeats
from profiler.core.continuous import ContinuousSettings
from profiler.core.inventory import Continuous
from profiler.errors import ForbiddenError, InvalidError, NotFoundError
from profiler.fleet import plans
from profiler.fleet.desired import desired, follow_plans
from profiler.fleet.plans import Plan
from profiler.jobs.hosts import register
from profiler.models import Change, ContinuousPlan
from tests import personas
from tests.agent_double import AgentDouble

pytestmark = [pytest.mark.redis, pytest.mark.django_db]


@pytest.fixture
def fleet(agent: AgentDouble) -> AgentDouble:
    """Hosts web-1, db-1 (env=prod) and db-2."""
    AgentDouble(agent.redis, "db-1").beat(continuous=Continuous(labels={"env": "prod"}))
    AgentDouble(agent.redis, "db-2").beat()
    register(heartbeats.living())
    return agent


def rates() -> dict[str, int]:
    """Host → rate; 0 is off."""
    found = desired(heartbeats.living(), ())
    return {host: one.settings.frequency if one.settings.on else 0 for host, one in sorted(found.items())}


def told(agent: AgentDouble, host: str) -> tuple[str, dict[str, Any]] | None:
    data = agent.redis.lpop(f"host.{host}")
    if data is None:
        return None
    message = json.loads(data)
    return message["headers"]["task"], json.loads(base64.b64decode(message["body"]))[1]


def test_without_a_plan_nothing_is_profiled(fleet: AgentDouble) -> None:
    assert rates() == {"db-1": 0, "db-2": 0, "web-1": 0}


def test_of_the_plans_that_fit_a_host_the_first_counts(admin: User, fleet: AgentDouble) -> None:
    plans.save(admin, Plan(selector='env="prod"', frequency=49))
    plans.save(admin, Plan(selector='host=~"db-.*"', on=False))
    plans.save(admin, Plan(frequency=11, labels={"team": "shop"}))
    assert rates() == {"db-1": 49, "db-2": 0, "web-1": 11}
    last = ContinuousPlan.objects.last()
    assert last is not None
    plans.PLANS.move(admin, last.pk, up=True)
    assert rates() == {"db-1": 49, "db-2": 11, "web-1": 11}


def test_one_host_is_switched_before_all_plans_and_keeps_its_rate(admin: User, fleet: AgentDouble) -> None:
    plans.save(admin, Plan(on=False))
    made = plans.switch_host(admin, "web-1", on=True)
    assert rates() == {"db-1": 0, "db-2": 0, "web-1": 19}
    plans.save(admin, Plan(selector=made.selector, frequency=77), made.pk)
    plans.switch_host(admin, "web-1", on=False)
    assert rates()["web-1"] == 0
    plans.switch_host(admin, "web-1", on=True)
    assert rates()["web-1"] == 77
    assert ContinuousPlan.objects.count() == 2


def test_hosts_are_told_until_their_heartbeat_says_that_they_know(admin: User, fleet: AgentDouble) -> None:
    plans.save(admin, Plan(selector='host="web-1"', frequency=29, length_s=30, labels={"env": "test"}))
    wanted = {
        "on": True, "probe": "cpu", "frequency": 29, "length_s": 30, "labels": {"env": "test"}, "variables": ["A"]
    }  # fmt: skip
    for _ in range(2):
        assert follow_plans(heartbeats.living(), ("A",)) == 1
        assert told(fleet, "web-1") == ("webprof.continuous", wanted)
    assert told(fleet, "db-1") is None
    fleet.beat(continuous=Continuous(asked=ContinuousSettings.model_validate(wanted)))
    assert follow_plans(heartbeats.living(), ("A",)) == 0
    assert follow_plans(heartbeats.living(), ("A", "B")) == 1, "a rule that looks at one more variable"


def test_an_agent_that_forgot_and_one_that_should_stop_are_told(admin: User, fleet: AgentDouble) -> None:
    plan = plans.save(admin, Plan(selector='host="web-1"'))
    fleet.beat(continuous=Continuous(asked=ContinuousSettings(on=True)))
    assert follow_plans(heartbeats.living(), ()) == 0
    fleet.beat()  # restarted with an empty data directory
    assert follow_plans(heartbeats.living(), ()) == 1
    assert told(fleet, "web-1") is not None
    fleet.beat(continuous=Continuous(asked=ContinuousSettings(on=True)))
    plans.PLANS.delete(admin, plan.pk)
    assert follow_plans(heartbeats.living(), ()) == 1
    message = told(fleet, "web-1")
    assert message is not None
    assert message[1]["on"] is False


@pytest.mark.parametrize("persona", ["owner", "colleague", "viewer"])
def test_only_admins_change_plans(admin: User, fleet: AgentDouble, persona: str) -> None:
    plan = plans.save(admin, Plan())
    user = personas.make(persona)
    assert user is not None
    for attempt in (
        lambda: plans.save(user, Plan()),
        lambda: plans.save(user, Plan(), plan.pk),
        lambda: plans.PLANS.delete(user, plan.pk),
        lambda: plans.PLANS.move(user, plan.pk, up=True),
        lambda: plans.switch_host(user, "web-1", on=True),
    ):
        with pytest.raises(ForbiddenError, match="only an admin"):
            attempt()
    assert Change.objects.count() == 1


def test_for_a_stranger_there_is_nothing(stranger: User, fleet: AgentDouble) -> None:
    with pytest.raises(NotFoundError):
        plans.save(stranger, Plan())


def test_what_a_plan_may_not_say_is_refused_in_words(admin: User, fleet: AgentDouble) -> None:
    for wrong, says in (
        ({"frequency": 100}, "less than or equal to 99"),
        ({"length_s": 5}, "greater than or equal to 10"),
        ({"labels": {"host": "x"}}, "webprof itself says"),
        ({"labels": {"a b": "x"}}, "no name of a label"),
        ({"labels": {"a": "x\ny"}}, "match pattern"),
        ({"labels": {f"a{n}": "x" for n in range(17)}}, "at most 16"),
    ):
        with pytest.raises(ValueError, match=says):
            Plan.model_validate(wrong)
    with pytest.raises(InvalidError, match="character 6: expected a text"):
        plans.save(admin, Plan(selector="host="))
    with pytest.raises(NotFoundError, match="host 'nowhere' does not exist"):
        plans.switch_host(admin, "nowhere", on=True)
    assert not ContinuousPlan.objects.exists()
