"""What a recording knows of files from those before it."""

from pathlib import Path

import pytest

from profiler.agent.unwind import file_memory
from profiler.agent.unwind.file_memory import FileMemory, KnownFile
from profiler.agent.unwind.mappings import FileKey
from profiler.debuginfo.elf import Segment

SEGMENTS = (Segment(0, 0, 100, executable=False), Segment(4096, 8192, 5, executable=True))


def key(number: int) -> FileKey:
    return FileKey(1, number, 100, 1_700_000_000_000_000_001)


def test_files_come_back_in_order_of_use(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path / "made")
    for number, content in enumerate(("a", None, "c")):
        memory.put(key(number), KnownFile(SEGMENTS, content))
    assert memory.get(key(0)) == KnownFile(SEGMENTS, "a")
    memory.save()
    again = FileMemory(tmp_path / "made").newest_first()
    assert [(found.inode, file.content) for found, file in again] == [(0, "a"), (2, "c"), (1, None)]
    assert again[0][1].segments == SEGMENTS
    assert again[0][0] == key(0)


def test_the_least_recently_used_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_memory, "MAX_FILES", 2)
    memory = FileMemory(tmp_path)
    for number in range(3):
        memory.put(key(number), KnownFile((), None))
    assert memory.get(key(0)) is None
    assert memory.get(key(2)) is not None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 1}', '{"version": 2, "files": []}', '{"version": 1, "files": [[1, 2]]}']
)
def test_a_damaged_file_is_forgotten(tmp_path: Path, text: str) -> None:
    (tmp_path / "files.json").write_text(text)
    assert FileMemory(tmp_path).newest_first() == []
