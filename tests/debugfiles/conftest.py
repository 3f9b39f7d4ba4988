"""A stripped program and its debug file, compiled once; debug files that leave nothing behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from profiler.debugfiles.intake import receive
from profiler.debugfiles.reading import read_debug_file
from profiler.debugfiles.storage import directory
from profiler.models import DebugFile
from tests.programs import StrippedProgram

Send = Callable[[Path | bytes, str], DebugFile]


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> StrippedProgram:
    return StrippedProgram.build(tmp_path_factory.mktemp("program"))


@pytest.fixture
def send(owner: User) -> Iterator[Send]:
    """Uploads a file as the owner, and has it read as a worker would."""

    def upload(content: Path | bytes, name: str = "libx.debug") -> DebugFile:
        file = receive(owner, name, [content.read_bytes() if isinstance(content, Path) else content])
        read_debug_file(str(file.pk))
        file.refresh_from_db()
        return file

    yield upload
    for path in directory().glob("*"):
        path.unlink()
