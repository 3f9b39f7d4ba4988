"""One recording split by whatever its samples are labelled with."""

from dataclasses import replace

import pytest

from profiler.core.annotate import annotate
from profiler.core.frame import Frame, Thread
from profiler.core.grouping import GroupBy, parse_group
from profiler.core.groups import CgroupLabels
from profiler.core.merge import merge
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.tree import build_tree
from tests.core.strategies import build
from tests.core.test_tree import Paths, tree_paths

ID = "0123456789abcdef" * 4
DOCKER, NAMELESS = f"/system.slice/docker-{ID}.scope", f"/docker/{ID[::-1]}"
WORK = [Frame("work")]
MIXED = replace(
    build(
        [
            (WORK, Thread(1, 1, "nginx", DOCKER), 8),
            (WORK, Thread(2, 2, "sh", NAMELESS), 4),
            (WORK, Thread(3, 3, "cron", "/system.slice/cron.service/job"), 2),
            (WORK, Thread(4, 4, "kworker", "/"), 1),
        ]
    ),
    cgroups={DOCKER: CgroupLabels(ID, "web", "nginx:1.27", "docker", f"docker-{ID}.scope")},
)


def split(profile: Profile, *group: GroupBy) -> Paths:
    return tree_paths(build_tree(profile, group))


def test_containers_have_their_name_or_short_id_and_the_rest_says_that_it_is_outside() -> None:
    assert split(MIXED, "container") == {
        ("all", "container web", "work"): 8,
        ("all", "container fedcba987654", "work"): 4,
        ("all", "no container", "work"): 3,
    }


def test_units_are_named_and_the_rest_says_that_it_is_outside() -> None:
    assert split(MIXED, "unit") == {
        ("all", f"docker-{ID}.scope", "work"): 8,
        ("all", "cron.service", "work"): 2,
        ("all", "no unit", "work"): 5,
    }


def test_parts_stand_below_each_other_in_the_order_asked_for() -> None:
    assert split(MIXED, "container", "comm")["all", "container web", "nginx", "work"] == 8
    assert split(MIXED, "comm", "cgroup")["all", "cron", "/system.slice/cron.service/job", "work"] == 2


def test_a_profile_that_knows_no_cgroups_is_not_split_by_them() -> None:
    imported = build([(WORK, Thread(comm="app"), 3)])
    assert split(imported, "container", "unit", "cgroup", "comm") == {("all", "app", "work"): 3}


def test_labels_survive_merging_and_marking() -> None:
    plain = replace(MIXED, cgroups={DOCKER: CgroupLabels(ID, runtime="docker")})
    for both in (merge([MIXED, plain], ProfileMeta()), merge([plain, MIXED], ProfileMeta())):
        assert split(both, "container")["all", "container web", "work"] == 16
    assert split(annotate(MIXED, delimiter=True, annotations=True), "container") == split(MIXED, "container")


def test_a_group_is_a_list_of_known_parts() -> None:
    assert parse_group("container,comm") == ("container", "comm")
    assert parse_group("") == ()
    for wrong in ("colour", "comm,comm", "Comm"):
        with pytest.raises(ValueError, match=f"'{wrong}' is not a list of comm, pid, tid, cgroup, container, unit"):
            parse_group(wrong)
