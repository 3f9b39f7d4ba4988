"""One recording told apart through the API by each label that its samples carry."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from profiler.core import wire
from profiler.core.grouping import GROUPS
from profiler.core.profile import ProfileMeta
from profiler.ingest.ids import new_profile_id
from profiler.ingest.store import Origin, store
from tests.api.conftest import As
from tests.core.test_grouping import DOCKER, ID, MIXED, NAMELESS
from tests.core.test_tree import tree_paths

pytestmark = pytest.mark.django_db

PARTS = {
    "comm": {"nginx": 8, "sh": 4, "cron": 2, "kworker": 1},
    "pid": {"pid 1": 8, "pid 2": 4, "pid 3": 2, "pid 4": 1},
    "tid": {"tid 1": 8, "tid 2": 4, "tid 3": 2, "tid 4": 1},
    "cgroup": {DOCKER: 8, NAMELESS: 4, "/system.slice/cron.service/job": 2, "/": 1},
    "container": {"container web": 8, "container fedcba987654": 4, "no container": 3},
    "unit": {f"docker-{ID}.scope": 8, "cron.service": 2, "no unit": 5},
}


@pytest.mark.parametrize("part", GROUPS)
def test_a_recording_is_split_by_every_label_of_its_samples(owner: User, call: As, part: str) -> None:
    profile = replace(MIXED, meta=ProfileMeta(id=str(new_profile_id()), host="web-1"))
    key = store(profile, Origin(owner, "mixed", "recording")).pk
    tree = wire.decode(call(owner).get(f"profiles/{key}/tree", group=part).content)
    assert tree_paths(tree) == {("all", name, "work"): value for name, value in PARTS[part].items()}
    folded = call(owner).get(f"profiles/{key}/folded", group=part).content.decode()
    assert set(folded.splitlines()) == {f"{name};work {value}" for name, value in PARTS[part].items()}
