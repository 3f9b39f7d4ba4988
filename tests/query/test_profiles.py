"""The list of profiles: what is found, in what order, at what cost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from profiler.errors import InvalidError
from profiler.ingest.store import Origin, store
from profiler.models import Host, StoredProfile
from profiler.query.profiles import SORTS, ProfileFilter, delete_profile, list_profiles, sources
from tests.agent_double import START_NS, cpu_profile

pytestmark = pytest.mark.django_db
START = datetime.fromtimestamp(START_NS / 1e9, UTC)


@pytest.fixture
def five(owner: User) -> list[StoredProfile]:
    """Profiles 0 to 4: a minute apart, ever more samples; the odd ones are uploads."""
    made = []
    for i in range(5):
        source = "folded" if i % 2 else "recording"
        made.append(store(cpu_profile("web-1", 10 * i, start_s=60 * i), Origin(owner, f"profile {i}", source)))
    Host.objects.create(id="web-1", last_seen=START)
    StoredProfile.objects.filter(source="recording").update(host="web-1")
    return made


def titles(user: User, **wanted: object) -> list[str]:
    page = list_profiles(user, ProfileFilter(**wanted))  # type: ignore[arg-type] # as the caller says
    return [profile.title.removeprefix("profile ") for profile in page.items]


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, "43210"),
        ({"sort": "time"}, "01234"),
        ({"sort": "-samples"}, "43210"),
        ({"sort": "title"}, "01234"),
        ({"text": "FILE 3"}, "3"),
        ({"text": "web"}, "420"),
        ({"text": "%"}, ""),
        ({"text": "\0file 3"}, "3"),
        ({"host": "\0"}, ""),
        ({"host": "web-1"}, "420"),
        ({"source": "folded"}, "31"),
        ({"since": START + timedelta(minutes=3)}, "43"),
        ({"until": START + timedelta(minutes=2)}, "10"),
        ({"page_size": 2, "page": 2}, "21"),
        ({"page_size": 2, "page": 99}, "0"),
        ({"page_size": 2, "page": -1}, "43"),
    ],
)
def test_filters_sorts_and_pages(viewer: User, wanted: dict[str, object], found: str) -> None:
    assert "".join(titles(viewer, **wanted)) == found


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("sort", [sign + name for name in SORTS for sign in ("", "-")])
def test_every_sort_finds_everything(viewer: User, sort: str) -> None:
    assert sorted(titles(viewer, sort=sort)) == list("01234")


def test_an_unknown_sort_names_the_known_ones(viewer: User) -> None:
    with pytest.raises(InvalidError, match="'batch' is not one of time, title, host"):
        titles(viewer, sort="batch")


@pytest.mark.usefixtures("five")
def test_a_page_costs_three_queries_and_loads_no_batch(
    viewer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3) as queries:  # role, count, page
        for profile in list_profiles(viewer, ProfileFilter()).items:
            _ = profile.owner.username, profile.host and profile.host.last_seen
    assert "batch" not in str(queries.captured_queries)


def test_the_sources_that_occur(five: list[StoredProfile], viewer: User) -> None:
    assert sources(viewer) == ["folded", "recording"]


def test_deleting_a_profile_takes_its_data_along(five: list[StoredProfile], owner: User) -> None:
    delete_profile(owner, five[0].pk)
    assert StoredProfile.objects.count() == 4
    assert not StoredProfile.objects.filter(data__isnull=True).exists()
