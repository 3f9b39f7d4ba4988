"""What the heat map of a profile's page asks for."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiler.core import wire
from profiler.core.times import no_cpus
from profiler.ingest.ids import new_profile_id
from profiler.ingest.store import Origin, store
from profiler.models import StoredProfile
from tests.agent_double import cpu_profile
from tests.core.strategies import timed
from tests.views.conftest import Browser

pytestmark = pytest.mark.django_db
MS = 1_000_000


@pytest.fixture
def as_owner(browser: Browser, owner: User) -> Client:
    return browser(owner)


@pytest.fixture
def profile(owner: User) -> StoredProfile:
    made = timed([("first", [0, 400 * MS, 990 * MS]), ("second", [1000 * MS, 1500 * MS])], duration_s=2)
    named = replace(made, meta=replace(made.meta, id=str(new_profile_id()), host="web-1"))
    return store(named, Origin(owner, "two phases", "recording"))


def test_samples_by_second_and_part(as_owner: Client, profile: StoredProfile) -> None:
    found = as_owner.get(f"/profiles/{profile.pk}/moments?rows=2").json()
    assert found["counts"] == [[2, 1], [1, 1]]
    assert (found["column_ns"], found["samples"], found["untimed"], found["last_ns"]) == (10**9, 5, 0, 2 * 10**9 - 1)


def test_only_stacks_through_a_function(as_owner: Client, profile: StoredProfile) -> None:
    found = as_owner.get(f"/profiles/{profile.pk}/moments?rows=2&name=second").json()
    assert (found["counts"], found["samples"], found["all_samples"]) == ([[0, 1], [0, 1]], 2, 5)


def test_a_lane_for_each_cpu(as_owner: Client, profile: StoredProfile) -> None:
    found = as_owner.get(f"/profiles/{profile.pk}/moments?by=cpu&columns=4").json()
    assert found["names"] == ["CPU 0", "CPU 1", "CPU 2"]
    assert found["counts"] == [[1, 0, 1, 0], [1, 0, 0, 1], [0, 1, 0, 0]]
    assert found["has_cpus"]


def test_a_profile_without_cpus_says_so(as_owner: Client, owner: User) -> None:
    made = timed([("first", [0])])
    bare = replace(made.times, cpu=no_cpus(1))
    old = replace(made, times=bare, meta=replace(made.meta, id=str(new_profile_id())))
    url = f"/profiles/{store(old, Origin(owner, 'old', 'recording')).pk}/moments"
    assert as_owner.get(url).json()["has_cpus"] is False
    answer = as_owner.get(f"{url}?by=cpu")
    assert (answer.status_code, "on which CPU" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("by", ["thread", "process"])
def test_a_lane_for_each_thread_or_process(as_owner: Client, profile: StoredProfile, by: str) -> None:
    found = as_owner.get(f"/profiles/{profile.pk}/moments?by={by}&columns=4").json()
    assert found["counts"] == [[2, 1, 1, 1]]
    assert len(found["names"]) == 1


def test_a_profile_without_times_says_so(as_owner: Client, owner: User) -> None:
    stored = store(cpu_profile("web-1"), Origin(owner, "old", "recording"))
    found = as_owner.get(f"/profiles/{stored.pk}/moments").json()
    assert found["samples"] == 0
    assert found["untimed"] > 0


def test_one_thread_in_the_order_of_time(as_owner: Client, profile: StoredProfile) -> None:
    answer = as_owner.get(f"/profiles/{profile.pk}/moments?by=chart&lane=sh+1")
    tree = wire.decode(answer.content)
    assert [tree.frames[frame].name for frame in tree.frame.tolist()] == ["sh 1", "first", "second"]
    assert tree.total[0] == 2 * 10**9
    part = wire.decode(as_owner.get(f"/profiles/{profile.pk}/moments?by=chart&lane=sh+1&from=1").content)
    assert [part.frames[frame].name for frame in part.frame.tolist()] == ["sh 1", "second"]
    assert part.total[0] == 2 * 10**9


@pytest.mark.parametrize(
    "asked",
    [
        "by=chart",
        "by=chart&lane=gone+9",
        "by=chart&lane=sh+1&from=2&to=1",
        "by=planet",
        "rows=0",
        "rows=x",
        "rows=99999",
        "by=thread&columns=0",
        "columns=-1",
    ],
)
def test_what_is_no_heat_map_is_refused(as_owner: Client, profile: StoredProfile, asked: str) -> None:
    assert as_owner.get(f"/profiles/{profile.pk}/moments?{asked}").status_code == 422
