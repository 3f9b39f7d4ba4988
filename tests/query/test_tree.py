"""A stored profile as tree bytes and text."""

import gzip

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiler.core import wire
from profiler.core.builder import ROOT, ProfileBuilder
from profiler.core.errors import WireError
from profiler.core.frame import Frame
from profiler.core.profile import ProfileMeta
from profiler.core.spec import RecordingSpec
from profiler.errors import InvalidError, NotFoundError
from profiler.ingest.ids import new_profile_id
from profiler.ingest.store import Origin, store
from profiler.models import Host, Job, Run, StoredProfile
from profiler.query.folded import folded
from profiler.query.tree import TreeAsked, asked_group, load, tree
from tests.agent_double import cpu_profile

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile(owner: User) -> StoredProfile:
    return store(cpu_profile("web-1"), Origin(owner, "a profile", "folded"))


def names(message: bytes) -> list[str]:
    decoded = wire.decode(message)
    return [decoded.frames[i].name for i in decoded.frame.tolist()]


@pytest.mark.parametrize(
    ("group", "above"), [(None, ["app"]), ("", []), ("pid", ["pid 7"]), ("comm,tid", ["app", "tid 7"])]
)
def test_the_tree_is_grouped_as_asked(profile: StoredProfile, group: str | None, above: list[str]) -> None:
    assert names(tree(profile, TreeAsked(asked_group(group)))) == ["all", *above, "main", "work", "sys_read"]


@pytest.mark.parametrize("group", ["colour", "comm,comm", "comm pid", "COMM"])
def test_a_wrong_group_is_named(group: str) -> None:
    with pytest.raises(InvalidError, match=f"group: '{group}' is not a list of comm, pid, tid"):
        asked_group(group)


def recorded(owner: User, **options: bool) -> StoredProfile:
    host = Host.objects.create(id="web-1", last_seen="2026-01-01T00:00Z")
    job = Job.objects.create(owner=owner, spec=RecordingSpec(**options).model_dump(mode="json"))
    run = Run.objects.create(job=job, host=host)
    return store(cpu_profile("web-1"), Origin(owner, "recorded", "recording", run))


def test_the_marks_of_the_recording_are_shown(owner: User) -> None:
    stored = recorded(owner, delimiter=True, annotations=True)
    assert names(tree(stored, TreeAsked(()))) == ["all", "main", "work", "--", "sys_read_[k]"]
    assert folded(stored) == "app;main 1\napp;main;work;--;sys_read_[k] 10\n"


def test_the_text_has_the_names_asked_for(owner: User) -> None:
    assert folded(recorded(owner), ("comm", "tid")) == "app;tid 7;main 1\napp;tid 7;main;work;sys_read 10\n"
    assert (
        folded(store(cpu_profile("web-1"), Origin(owner, "again", "folded")), ()) == "main 1\nmain;work;sys_read 10\n"
    )


def test_without_marks_the_text_is_plain(owner: User) -> None:
    assert folded(recorded(owner)) == "app;main 1\napp;main;work;sys_read 10\n"


def test_a_wide_profile_is_pruned_and_says_what_it_hides(owner: User) -> None:
    builder = ProfileBuilder(ProfileMeta(id=str(new_profile_id())))
    for i in range(1000):
        builder.add(builder.stack([builder.frame(Frame(f"f{i}"))]), i + 1)
    stored = store(builder.build(), Origin(owner, "wide", "folded"))
    decoded = wire.decode(tree(stored, TreeAsked(()), 100))
    assert len(decoded) <= 101
    assert decoded.total[0] == 500_500
    assert decoded.cuts.count.sum() == 1001 - len(decoded)


def test_decoding_happens_once(profile: StoredProfile) -> None:
    assert load(profile) is load(profile)


def test_a_deleted_profile_is_not_found(profile: StoredProfile) -> None:
    gone = replace_id(profile)
    with pytest.raises(NotFoundError):
        load(gone)


def replace_id(profile: StoredProfile) -> StoredProfile:
    profile.pk = new_profile_id()
    return profile


def test_a_browser_that_has_the_tree_is_told_so(profile: StoredProfile, viewer: User, client: Client) -> None:
    client.force_login(viewer)
    path = f"/api/v1/profiles/{profile.pk}/tree"
    first = client.get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(path, {"group": "pid"}, headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_an_id_is_kept_in_the_wire_message(profile: StoredProfile) -> None:
    assert wire.decode(tree(profile, TreeAsked(()))).meta.id == str(profile.pk)


def wide(owner: User) -> StoredProfile:
    """So many functions that a picture of all shows only some."""
    builder = ProfileBuilder(ProfileMeta(id=str(new_profile_id())))
    main = builder.child(ROOT, builder.frame(Frame("main")))
    for i in range(30_000):
        builder.add(builder.child(main, builder.frame(Frame(f"f{i}"))), 100 if i < 100 else 1)
    return store(builder.build(), Origin(owner, "wide", "folded"))


def test_an_overview_has_what_can_be_seen_and_counts_the_rest(owner: User) -> None:
    decoded = wire.decode(tree(wide(owner), TreeAsked(detail="overview")))
    assert len(decoded) == 102  # the root, main, and its hundred large functions
    assert decoded.cuts.count.sum() == 29_900
    assert decoded.total[0] == 39_900


@pytest.mark.parametrize("accepted", ["gzip", ""])
def test_what_was_kept_ready_is_sent_as_the_browser_reads_it(owner: User, client: Client, accepted: str) -> None:
    stored = wide(owner)
    client.force_login(owner)
    path = f"/api/v1/profiles/{stored.pk}/tree?detail=overview"
    answer = client.get(path, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding", "") == accepted
    assert "Accept-Encoding" in answer.headers["Vary"]
    message = gzip.decompress(answer.content) if accepted else answer.content
    assert message == tree(stored, TreeAsked(detail="overview"))


def test_an_overview_of_another_grouping_is_made_when_asked(owner: User) -> None:
    decoded = wire.decode(tree(wide(owner), TreeAsked((), detail="overview")))
    assert decoded.total[0] == 39_900
    assert len(decoded) == 102


@pytest.mark.any_database
def test_a_profile_that_no_message_can_carry_is_stored_all_the_same(owner: User) -> None:
    builder = ProfileBuilder(ProfileMeta(id=str(new_profile_id())))
    frame = builder.frame(Frame("again"))
    builder.add(builder.stack([frame] * 70_000), 1)
    stored = store(builder.build(), Origin(owner, "deep", "folded"))
    with pytest.raises(WireError, match="is over 65535"):
        tree(stored, TreeAsked(detail="overview"))


def test_a_wrong_detail_is_named(owner: User, client: Client, profile: StoredProfile) -> None:
    client.force_login(owner)
    answer = client.get(f"/profiles/{profile.pk}/tree?detail=none")
    assert answer.status_code == 422
    assert "none" in answer.content.decode()
