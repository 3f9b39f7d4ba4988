"""What lost workers leave behind of debug files is cleaned up."""

import os
import time
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from profiler.debugfiles.cleanup import ABANDONED, KEPT, clean_debug_files
from profiler.debugfiles.intake import receive
from profiler.debugfiles.storage import directory, path_of
from profiler.models import DebugFile
from tests.debugfiles.conftest import Send
from tests.programs import StrippedProgram

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]


def age(path: Path, seconds: float) -> None:
    long_ago = time.time() - seconds
    os.utime(path, (long_ago, long_ago))


def test_lost_refused_and_orphaned_files_go_and_the_others_stay(
    send: Send, owner: User, program: StrippedProgram, settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    ready, lost, fresh = send(program.debug, "ready"), receive(owner, "lost", [b"x"]), receive(owner, "fresh", [b"x"])
    old, orphan = send(b"no ELF", "old"), directory() / "orphan"
    orphan.write_bytes(b"x")
    for path in (path_of(ready), path_of(lost), orphan):
        age(path, ABANDONED.total_seconds() + 10)
    DebugFile.objects.filter(pk=lost.pk).update(state="reading", created_at=lost.created_at - 2 * ABANDONED)
    DebugFile.objects.filter(pk=old.pk).update(created_at=old.created_at - 2 * KEPT)
    clean_debug_files()
    lost.refresh_from_db()
    assert (lost.state, lost.message) == ("refused", "lost: reading it was interrupted; send it again")
    assert {path.name for path in directory().iterdir()} == {str(ready.pk), str(fresh.pk)}
    assert not DebugFile.objects.filter(pk=old.pk).exists()
