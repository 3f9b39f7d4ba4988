"""A recording that is deleted leaves every sum: by the API, the page, or with its owner; and not by half."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from profiler.catalog import deletions, upkeep
from profiler.catalog.local import local_store, segment_store
from profiler.core.profile import Profile
from profiler.core.selector import parse
from profiler.ingest.keep import keep
from profiler.ingest.store import RECORDING, Origin, store
from profiler.models import StoreDeletion, StoredProfile, StoreSegment
from profiler.store.errors import OvertakenError
from profiler.store.question import Question
from tests.agent_double import PERIOD_NS, cpu_profile
from tests.api.conftest import ApiClient

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


def by_api(owner: User, profile: StoredProfile) -> None:
    assert ApiClient(owner).delete(f"profiles/{profile.pk}").status_code == 204


def by_page(owner: User, profile: StoredProfile) -> None:
    client = Client()
    client.force_login(owner)
    assert client.post(f"/profiles/{profile.pk}/delete/").status_code == 302


def with_its_owner(owner: User, profile: StoredProfile) -> None:
    owner.delete()


@pytest.fixture
def kept(owner: User) -> list[StoredProfile]:
    """Two recordings that began a second apart."""
    local_store.cache_clear()
    return [keep_one(owner, cpu_profile("web-1", 10 * (number + 1), start_s=now_s() + number)) for number in range(2)]


def now_s() -> int:
    """Seconds after the double's START_NS."""
    return int(datetime.now(UTC).timestamp()) - 1_763_800_000 - 60


def keep_one(owner: User, profile: Profile) -> StoredProfile:
    with transaction.atomic():
        stored = store(profile, Origin(owner, "t", RECORDING))
        keep(profile)
    return stored


def total() -> int:
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    hour_ms = int(timedelta(hours=1).total_seconds() * 1000)
    found = local_store().merge(Question(parse(""), now_ms - hour_ms, now_ms)).tree()
    return int(found.total[0]) // PERIOD_NS


@pytest.mark.parametrize("compacted", [False, True])
@pytest.mark.parametrize("delete", [by_api, by_page, with_its_owner])
def test_what_is_deleted_leaves_every_sum(
    kept: list[StoredProfile], owner: User, compacted: bool, delete: Callable[[User, StoredProfile], None]
) -> None:
    if compacted:
        upkeep.compact()
    assert total() == 32
    delete(owner, kept[0])
    upkeep.compact()
    assert total() == (0 if delete is with_its_owner else 21)
    assert StoreDeletion.objects.count() == 0


def test_a_deletion_that_is_rolled_back_takes_nothing(kept: list[StoredProfile]) -> None:
    with transaction.atomic():
        kept[0].delete()
        transaction.set_rollback(True)
    upkeep.compact()
    assert (StoredProfile.objects.count(), total()) == (2, 32)


def test_what_was_asked_before_a_crash_is_done_after_it(
    kept: list[StoredProfile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store did it, and the process ended before it was crossed out."""
    upkeep.compact()
    kept[0].delete()
    with monkeypatch.context() as patched:
        patched.setattr(StoreDeletion.objects, "filter", lambda **_: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception):
            deletions.settle(local_store())
    assert (StoreDeletion.objects.count(), total()) == (1, 21)
    deletions.settle(local_store())
    assert (StoreDeletion.objects.count(), total()) == (0, 21)


def test_a_deletion_that_is_overtaken_waits_for_the_next_time(
    kept: list[StoredProfile], monkeypatch: pytest.MonkeyPatch
) -> None:
    upkeep.compact()
    kept[0].delete()

    def overtaken(*_: object, **__: object) -> None:
        raise OvertakenError("somebody was faster")

    with monkeypatch.context() as patched:
        patched.setattr(segment_store().catalog, "commit", overtaken)
        upkeep.compact()
    assert (StoreDeletion.objects.count(), total()) == (1, 32)
    upkeep.compact()
    assert (StoreDeletion.objects.count(), total()) == (0, 21)


def test_what_can_not_be_taken_out_any_more_is_said(
    kept: list[StoredProfile], caplog: pytest.LogCaptureFixture
) -> None:
    """Its samples are past their time: sums of hours and days keep what they have of it."""
    upkeep.compact()
    StoreSegment.objects.filter(kind="raw").delete()
    kept[0].delete()
    upkeep.compact()
    assert "stay in sums" in caplog.text
    assert StoreDeletion.objects.count() == 0


@pytest.mark.parametrize("kind", ["hdr", "raw"])
def test_a_deletion_whose_segments_were_replaced_meanwhile_is_done_later(
    kept: list[StoredProfile], owner: User, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    upkeep.compact()
    deletions.ask(str(kept[0].pk))
    catalog = segment_store().catalog
    monkeypatch.setattr(catalog, "generation", lambda: -1)  # of another compaction
    unlink(kind)
    with pytest.raises(OvertakenError):
        deletions.settle(segment_store())
    assert StoreDeletion.objects.count() == 1


@pytest.mark.parametrize("kind", ["hdr", "raw"])
def test_a_lost_segment_is_no_proof_that_a_profile_is_gone(
    kept: list[StoredProfile], caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    upkeep.compact()
    deletions.ask(str(kept[0].pk))
    unlink(kind)
    assert deletions.settle(segment_store()) == 0
    assert "stay in sums" in caplog.text


def unlink(kind: str) -> None:
    for segment in StoreSegment.objects.filter(kind=kind):
        (segment_store().files.root / segment.path).unlink()
