"""Files people send: taken in under a limit, read by a worker, deleted whatever comes of it."""

import gzip
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import TemporaryUploadedFile

from profiler.errors import ForbiddenError, InvalidError, TooLargeError, UnavailableError
from profiler.ingest import reading, upload
from profiler.ingest.cleanup import ABANDONED, KEPT, clean_uploads
from profiler.ingest.reading import read_upload
from profiler.ingest.upload import receive, upload_directory, upload_path
from profiler.models import StoredProfile, Upload
from profiler.query.tree import load

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]
FOLDED = b"main;work 10\nmain;idle 5\n"
PERF = b"""python3 7 100.000001:  1 cpu-clock:
        7f00 work+0x1 (/usr/bin/app)
        7f01 main+0x2 (/usr/bin/app)

python3 7 100.010001:  1 page-faults:
        7f01 main+0x2 (/usr/bin/app)

"""


@pytest.fixture(autouse=True)
def _empty_directory() -> None:
    """Tests of other files leave what they upload."""
    for path in upload_directory().glob("*"):
        path.unlink()


def read(sent: Upload) -> Upload:
    read_upload(str(sent.pk))
    sent.refresh_from_db()
    return sent


def test_a_folded_file_becomes_a_profile(owner: User) -> None:
    sent = receive(owner, "stacks.folded", [FOLDED[:7], FOLDED[7:]], title="Before the fix")
    assert (sent.state, sent.size) == ("queued", len(FOLDED))
    assert read(sent).state == "done"
    stored = sent.profiles.get()
    assert (stored.title, stored.source, stored.total, stored.owner) == ("Before the fix", "folded", 15, owner)
    assert load(stored).total == 15
    assert not upload_path(sent).exists()


def test_several_profiles_in_one_file_are_told_apart(owner: User) -> None:
    sent = read(receive(owner, "perf.txt", [PERF]))
    assert sent.state == "done", sent.message
    assert sorted(p.title for p in sent.profiles.all()) == ["perf.txt · cpu", "perf.txt · page-faults"]


def test_reading_twice_stores_once(owner: User) -> None:
    sent = receive(owner, "a.folded", [FOLDED])
    read(sent)
    read(sent)
    assert StoredProfile.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x7fELF\x02\x01\x01" + bytes(500), "not text"),
        (b"no stacks here\n", "not a profile that we know"),
        (b'{"json": 1}', "not a profile that we know"),
        (gzip.compress(FOLDED * 100, mtime=0)[:-9], "gzip"),
    ],
)
def test_what_is_no_profile_fails_with_the_reason_and_leaves_no_file(owner: User, content: bytes, says: str) -> None:
    sent = read(receive(owner, "what.bin", [content]))
    assert sent.state == "failed"
    assert "what.bin" in sent.message
    assert says in sent.message
    assert not list(upload_directory().glob("*"))


def test_a_file_over_the_limit_is_refused_before_it_is_all_here(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "MAX_UPLOAD_BYTES", 1000)
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 100
            yield bytes(100)

    with pytest.raises(TooLargeError, match="over the limit of 1,000 bytes"):
        receive(owner, "5GB.folded", endless())
    assert sent == 1100
    assert not list(upload_directory().glob("*"))
    assert not Upload.objects.exists()


def test_an_empty_file_is_refused(owner: User) -> None:
    with pytest.raises(InvalidError, match=r"a\.folded: the file is empty"):
        receive(owner, "a.folded", [])


@pytest.mark.parametrize(
    ("name", "kept"), [("../../etc/passwd", "passwd"), ("C:\\x\\a.txt", "a.txt"), ("\x00\n", "upload"), ("", "upload")]
)
def test_a_name_is_only_a_name(owner: User, name: str, kept: str) -> None:
    sent = receive(owner, name, [FOLDED])
    assert sent.file_name == kept
    assert upload_path(sent).parent == upload_directory()


def test_viewers_may_not_upload(viewer: User) -> None:
    with pytest.raises(ForbiddenError, match="may only look, not upload"):
        receive(viewer, "a.folded", [FOLDED])


def test_a_file_that_takes_too_much_memory_fails_not_the_worker(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_READING_BYTES", 16 * 2**20)
    # More than other tests may have left free in this process.
    lines = b"".join(b"main;f%d;g%d 1\n" % (i, i) for i in range(600_000))
    sent = read(receive(owner, "wide.folded", [lines]))
    assert sent.state == "failed"
    assert "takes over 16,777,216 bytes of memory" in sent.message
    assert len(bytes(64 * 2**20)) == 64 * 2**20  # the limit is gone again


def test_a_file_redis_takes_no_task_for_is_not_kept(owner: User, redis: object) -> None:
    redis.config_set("maxmemory", "1")  # type: ignore[attr-defined] # a Redis
    try:
        with pytest.raises(UnavailableError, match=r"a\.folded"):
            receive(owner, "a.folded", [FOLDED])
    finally:
        redis.config_set("maxmemory", "0")  # type: ignore[attr-defined] # a Redis
    assert not Upload.objects.exists()
    assert not list(upload_directory().glob("*"))


def test_files_of_a_form_wait_where_what_is_left_of_them_is_cleaned_up() -> None:
    with TemporaryUploadedFile("a.folded", "text/plain", 1, None) as waiting:
        assert Path(waiting.temporary_file_path()).parent == upload_directory()


def test_what_a_lost_worker_left_is_cleaned_up(owner: User, settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    lost, fresh = receive(owner, "lost", [FOLDED]), receive(owner, "fresh", [FOLDED])
    old, orphan = receive(owner, "old", [FOLDED]), upload_directory() / "orphan"
    orphan.write_bytes(b"x")
    long_ago = time.time() - ABANDONED.total_seconds() - 10
    for path in (upload_path(lost), orphan):
        os.utime(path, (long_ago, long_ago))
    Upload.objects.filter(pk=lost.pk).update(state="reading", created_at=lost.created_at - 2 * ABANDONED)
    read(old)
    Upload.objects.filter(pk=old.pk).update(created_at=old.created_at - 2 * KEPT)
    clean_uploads()
    lost.refresh_from_db()
    assert (lost.state, lost.message) == ("failed", "lost: reading it was interrupted; send it again")
    assert [path.name for path in upload_directory().iterdir()] == [str(fresh.pk)]
    assert not Upload.objects.filter(pk=old.pk).exists()
    assert StoredProfile.objects.count() == 1
