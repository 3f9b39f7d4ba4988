"""Recordings of many hosts as one, over the API: what agents sent comes back merged, and wrong questions get words."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np
import pytest
from django.contrib.auth.models import User

from profiler.catalog import upkeep
from profiler.catalog.local import local_store
from profiler.core import batch, wire
from profiler.core.spec import RecordingSpec
from profiler.core.times import Times
from profiler.ingest.drain import drain
from profiler.ingest.keep import keep
from profiler.jobs import start
from profiler.models import ProfileData, StoredProfile, StoreHot
from tests.agent_double import PERIOD_NS, START_NS, AgentDouble
from tests.api.conftest import As

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


def around(moment_ns: int) -> dict[str, str]:
    at = datetime.fromtimestamp(moment_ns / 1e9, UTC)
    return {"since": (at - timedelta(hours=1)).isoformat(), "until": (at + timedelta(hours=1)).isoformat()}


@pytest.fixture
def recorded(owner: User, agent: AgentDouble) -> dict[str, str]:
    """One recording of web-1, drained; the range it lies in."""
    local_store.cache_clear()
    run = start(owner, RecordingSpec(duration_s=5), ["web-1"]).runs.get()
    profile = agent.profile(samples=10, start_s=int(time.time()) - START_NS // 10**9)
    agent.send_profile(run.pk, profile)
    drain()
    return around(profile.meta.start_ns)


@pytest.mark.parametrize("compacted", [False, True])
def test_a_recording_is_in_the_merged_tree_at_once_and_after_compaction(
    viewer: User, call: As, recorded: dict[str, str], compacted: bool
) -> None:
    if compacted:
        assert upkeep.compact() > 0
        upkeep.tidy()
        assert StoreHot.objects.count() == 0
    response = call(viewer).get("explore/tree", **recorded, selector='host="web-1"', by="service")
    tree = wire.decode(response.content)
    assert tree.total[0] == 11 * PERIOD_NS
    assert response.headers["X-Missing"] == "0"
    series = call(viewer).get("explore/series", **recorded, by="host").json()
    assert (series["groups"], sum(map(sum, series["values"]))) == (["web-1"], 11 * PERIOD_NS)
    functions = call(viewer).get("explore/functions", **recorded, top=3).json()["functions"]
    assert sum(functions[0]["total"]) <= 11 * PERIOD_NS


def test_bars_are_as_wide_as_profiles_are_long(viewer: User, call: As, agent: AgentDouble) -> None:
    """Profiles of a minute in bars of ten seconds would be a comb."""
    local_store.cache_clear()
    start_s = int(time.time()) // 60 * 60 - 3600
    for minute in range(10):
        profile = agent.profile(samples=10, start_s=start_s + minute * 60 - START_NS // 10**9)
        keep(replace(profile, meta=replace(profile.meta, id=str(uuid4()), duration_ns=60 * 10**9)))
    times = {
        name: datetime.fromtimestamp(at, UTC).isoformat() for name, at in (("since", start_s), ("until", start_s + 600))
    }
    series = call(viewer).get("explore/series", **times).json()
    assert (series["step_ms"], series["profiles"]) == (60_000, [1] * 10)
    assert len(set(series["values"][0])) == 1
    functions = call(viewer).get("explore/functions", **times).json()
    assert functions["step_ms"] == 60_000
    assert min(functions["functions"][0]["total"]) > 0


def test_a_part_of_the_tree_and_of_its_quality(viewer: User, call: As, recorded: dict[str, str]) -> None:
    tree = wire.decode(call(viewer).get("explore/tree", **recorded, below=["main", "work"]).content)
    assert [tree.frames[frame].name for frame in tree.frame.tolist()] == ["all", "main", "work", "sys_read"]
    assert tree.total[0] == 10 * PERIOD_NS
    assert tree.quality is not None
    assert tree.quality.samples == 11
    cut = wire.decode(call(viewer).get("explore/tree", **recorded, stacks="cut").content)
    assert cut.total[0] == 0


def test_a_heat_map_and_the_samples_of_its_seconds(owner: User, viewer: User, call: As, agent: AgentDouble) -> None:
    local_store.cache_clear()
    run = start(owner, RecordingSpec(duration_s=5), ["web-1"]).runs.get()
    profile = agent.profile(samples=10, start_s=int(time.time()) - START_NS // 10**9)
    at_ns = np.arange(10) * 100_000_000
    agent.send_profile(run.pk, replace(profile, times=Times.sorted(at_ns, np.zeros(10, dtype=np.int64))))
    drain()
    begin = datetime.fromtimestamp(profile.meta.start_ns / 1e9, UTC)
    second = {"since": begin.isoformat(), "until": (begin + timedelta(seconds=1)).isoformat()}
    found = call(viewer).get("explore/heatmap", **second, rows=10).json()
    assert (found["counts"], found["samples"], found["untimed"]) == ([[1] * 10], 10, 1)
    half = second | {"until": (begin + timedelta(seconds=0.5)).isoformat()}
    assert wire.decode(call(viewer).get("explore/tree", **half, timed=True).content).total[0] == 5 * PERIOD_NS


def test_one_profile_of_a_selection(viewer: User, call: As, recorded: dict[str, str]) -> None:
    found = call(viewer).get("explore/profiles", **recorded).json()["profiles"]
    assert [(one["labels"]["host"], one["total"]) for one in found] == [("web-1", 11 * PERIOD_NS)]
    tree = wire.decode(call(viewer).get(f"explore/profiles/{found[0]['key']}/tree").content)
    assert tree.total[0] == 11 * PERIOD_NS
    assert call(viewer).get("explore/profiles/12345/tree").status_code == 404


@pytest.mark.parametrize("path", ["heatmap", "profiles", "profiles/1/tree", "tree?below=a&timed=true"])
def test_strangers_see_nothing(stranger: User, call: As, recorded: dict[str, str], path: str) -> None:
    assert call(stranger).get(f"explore/{path}", **recorded).status_code == 404
    assert call(None).get(f"explore/{path}", **recorded).status_code == 401


def test_the_same_recording_twice_counts_once(viewer: User, call: As, recorded: dict[str, str]) -> None:
    keep(batch.decode(bytes(ProfileData.objects.get().batch)))
    tree = wire.decode(call(viewer).get("explore/tree", **recorded).content)
    assert tree.total[0] == 11 * PERIOD_NS


def test_a_recording_that_the_store_refuses_is_kept_as_a_recording(owner: User, agent: AgentDouble) -> None:
    """Its host's clock is years behind."""
    run = start(owner, RecordingSpec(duration_s=5), ["web-1"]).runs.get()
    agent.send_profile(run.pk, agent.profile())
    drain()
    assert (StoredProfile.objects.count(), StoreHot.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ({"selector": 'service="x'}, "selector", "character 9"),
        ({"selector": 'host=~"(.)\\1"'}, "selector", "invalid escape"),
        ({"by": "no label"}, "by", "not the name of a label"),
        ({"until": "2020-01-01T00:00:00Z"}, None, "must come after"),
        ({"until": "2099-01-01T00:00:00Z"}, None, "MAX_RANGE_MS"),
    ],
)
def test_a_wrong_question_is_refused_in_words(
    viewer: User, call: As, recorded: dict[str, str], query: dict[str, str], field: str | None, says: str
) -> None:
    for what in ("tree", "series", "functions", "heatmap", "profiles"):
        response = call(viewer).get(f"explore/{what}", **{**recorded, **query})
        assert response.status_code == 422
        error = response.json()["error"]
        assert says in error["message"]
        assert error.get("field") == field
