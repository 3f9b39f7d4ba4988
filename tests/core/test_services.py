"""Whose samples they are: all of them, each once."""

from hypothesis import given
from hypothesis import strategies as st

from profiler.core import services
from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, Thread
from profiler.core.groups import CgroupLabels, ProcessLabels
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.services import OTHERS, by_service, default_services, thread_facts
from tests.core.strategies import PROFILES

POD = "/kubepods/pod1/" + "a" * 64


@given(PROFILES, st.integers(1, 3))
def test_the_services_of_a_profile_are_all_of_it(profile: Profile, most: int) -> None:
    before, services.MAX_SERVICES = services.MAX_SERVICES, most
    try:
        parts = by_service(profile)
    finally:
        services.MAX_SERVICES = before
    assert sum(part.total for part in parts.values()) == profile.total
    assert len(parts) <= most + 1
    assert len(parts) <= most or OTHERS in parts


def test_a_container_is_called_by_its_name_a_unit_without_its_suffix_and_the_rest_by_program() -> None:
    builder = ProfileBuilder(ProfileMeta())
    builder.label_cgroups({POD: CgroupLabels(container="a" * 64, name="shop/web")})
    builder.label_processes({5: ProcessLabels("kworker/0:1-events", kernel=True), 6: ProcessLabels("java")})
    names = {
        Thread(1, 1, "gunicorn", POD): "shop/web",
        Thread(2, 2, "node", "/docker/" + "b" * 64): "b" * 12,
        Thread(3, 3, "postgres", "/system.slice/postgresql.service"): "postgresql",
        Thread(4, 4, "bash", "/user.slice/session-3.scope"): "bash",
        Thread(5, 5, "kworker", "/"): "kernel",
        Thread(6, 66, "GC Thread#0", "/"): "java",
        Thread(7, 71, "worker-3", "/"): "puma",
        Thread(7, 7, "puma", "/"): "puma",
        Thread(8, 81, "left-alone", "/"): "left-alone",
        Thread(0, 0, "swapper/1"): "swapper/1",
        Thread(): "unknown",
    }
    for thread in names:
        builder.thread(thread)
    profile = builder.build()
    assert list(profile.threads) == list(names)
    assert default_services(thread_facts(profile)) == list(names.values())


def test_a_service_named_like_the_rest_loses_nothing() -> None:
    builder = ProfileBuilder(ProfileMeta())
    node = builder.child(-1, builder.frame(Frame("main")))
    for number in range(services.MAX_SERVICES + 5):
        builder.add(node, 1, builder.thread(Thread(number, number, f"worker-{number}")))
    builder.add(node, 10_000, builder.thread(Thread(1, 2, OTHERS)))
    profile = builder.build()
    assert sum(part.total for part in by_service(profile).values()) == profile.total
