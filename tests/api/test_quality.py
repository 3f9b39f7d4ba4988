"""A profile's quality through the API: typed counts, sentences with what to do, and trees of whole or of cut stacks."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from profiler.api.urls import api
from profiler.core import wire
from profiler.core.cut import cut_frame
from profiler.core.frame import Frame, Thread
from profiler.core.profile import ProfileMeta
from profiler.core.quality import ModuleFacts, Quality
from profiler.ingest.ids import new_profile_id
from profiler.ingest.store import Origin, store
from profiler.models import StoredProfile
from tests.api.conftest import As
from tests.core.strategies import build

pytestmark = pytest.mark.django_db
MARK = cut_frame("file not parsed yet")
QUALITY = Quality(
    10,
    lost={"ring full": 1},
    outcomes={"end": 6, "file not parsed yet": 3},
    unknown={"libx.so": 2},
    bpf_ns=20_000,
    agent_cpu_ns=10_000_000,
    thinned=10,
    agent_rss_bytes=80 << 20,
    modules=(ModuleFacts("libx.so", "ab12", "libx1", "dpkg"),),
)


@pytest.fixture
def profile(owner: User) -> StoredProfile:
    """Six whole samples, three cut ones, one lost."""
    meta = ProfileMeta(id=str(new_profile_id()), host="web-1", duration_ns=10**9, period_ns=10_000_000)
    made = build([([Frame("main")], Thread(), 6), ([MARK, Frame("inner")], Thread(), 3)], meta)
    return store(replace(made, quality=QUALITY), Origin(owner, "some cut", "recording"))


def test_counts_are_typed_and_complete(owner: User, call: As, profile: StoredProfile) -> None:
    quality = call(owner).get(f"profiles/{profile.pk}").json()["quality"]
    assert Quality.from_dict(quality) == QUALITY


def test_the_report_says_what_is_whole_and_what_helps(owner: User, call: As, profile: StoredProfile) -> None:
    report = call(owner).get(f"profiles/{profile.pk}/quality").json()
    assert (report["samples"], report["whole"], report["lost"], report["unknown"]) == (10, 6, 1, 2)
    (cut,) = report["cut_rows"]
    assert (cut["reason"], cut["count"]) == ("file not parsed yet", 3)
    assert "record again" in cut["advice"]
    (module,) = report["unknown_rows"]
    assert (module["fix"], module["builds"][0]["build_id"]) == ("debug file", "ab12")
    assert module["builds"][0]["debug_package"] == "libx1-dbgsym"
    cost = report["cost"]
    assert (cost["bpf_ns_per_sample"], cost["agent_rss_bytes"]) == (2000, 80 << 20)
    assert (cost["requested_ns"], cost["mean_ns"]) == (10_000_000, 20_000_000)


def test_a_profile_of_an_earlier_version_still_has_its_quality(owner: User, call: As, profile: StoredProfile) -> None:
    profile.quality = {"samples": 3, "lost": {}, "outcomes": {"cut": 3}, "unknown": {}, "skipped": {}}
    profile.save()
    assert call(owner).get(f"profiles/{profile.pk}").json()["quality"]["modules"] == []
    assert call(owner).get(f"profiles/{profile.pk}/quality").json()["whole"] == 0


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {"main": 6, "inner": 3}),
        ({"stacks": "all"}, {"main": 6, "inner": 3}),
        ({"stacks": "whole"}, {"main": 6}),
        ({"stacks": "cut"}, {"inner": 3}),
    ],
)
def test_the_tree_of_whole_or_cut_stacks(
    owner: User, call: As, profile: StoredProfile, asked: dict[str, str], expected: dict[str, int]
) -> None:
    response = call(owner).get(f"profiles/{profile.pk}/tree", group="", **asked)
    tree = wire.decode(response.content)
    own = zip(tree.frame.tolist(), tree.self_value.tolist(), strict=True)
    assert {tree.frames[frame].name: value for frame, value in own if value} == expected


def test_each_choice_of_stacks_is_another_answer_to_a_browser(owner: User, call: As, profile: StoredProfile) -> None:
    tags = {call(owner).get(f"profiles/{profile.pk}/tree", stacks=one)["ETag"] for one in ("all", "whole", "cut")}
    assert len(tags) == 3


def test_an_unknown_choice_is_refused_by_name(owner: User, call: As, profile: StoredProfile) -> None:
    response = call(owner).get(f"profiles/{profile.pk}/tree", stacks="broken")
    assert response.status_code == 422
    assert response.json()["error"]["field"] == "stacks"


def test_openapi_describes_the_quality() -> None:
    schema = api.get_openapi_schema()
    parts = schema["components"]["schemas"]
    assert parts["QualityOut"]["properties"]["thinned"]["description"]
    assert parts["ProfileOut"]["properties"]["quality"] == {"$ref": "#/components/schemas/QualityOut"}
    assert "/api/v1/profiles/{profile_id}/quality" in schema["paths"]
