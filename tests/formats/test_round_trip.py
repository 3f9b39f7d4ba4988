"""One harness for every sample of every format: read as what it is, read as unknown, drawn, written and read again.

`golden/` holds what each sample says, drawn. After a change that is meant: WEBPROF_GOLDEN=write pytest; read the diff.
"""

import contextlib
import gzip
import io
import os
from collections import Counter
from pathlib import Path

import pytest
import zstandard

from profiler.core import batch
from profiler.core.profile import Profile
from profiler.core.textart import render
from profiler.formats import registry
from tests.formats.support import SAMPLES, dumped, load_folded

# Beside the samples are the programs that they are of, and where they come from.
SOURCES = {".md", ".py", ".c", ".js"}
FILES = [
    path for folder in registry.formats() for path in sorted((SAMPLES / folder).glob("*")) if path.suffix not in SOURCES
]
GOLDEN = SAMPLES / "golden"


def drawn(profiles: list[Profile]) -> str:
    return "\n".join(f"# {profile.meta.kind} in {profile.meta.unit}\n{render(profile)}" for profile in profiles)


def load(data: bytes, path: Path, format_: str | None) -> list[Profile]:
    return registry.load(io.BytesIO(data), path.name, format=format_)


def test_every_format_has_samples() -> None:
    assert {path.parent.name for path in FILES} == set(registry.formats())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_says_what_it_always_said(path: Path) -> None:
    text = drawn(load(path.read_bytes(), path, path.parent.name))
    golden = GOLDEN / path.parent.name / f"{path.name.removesuffix('.txt')}.txt"
    if os.environ.get("WEBPROF_GOLDEN") == "write":
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_is_recognised_in_every_wrapping_and_says_the_same(path: Path) -> None:
    data = path.read_bytes()
    expected = drawn(load(data, path, path.parent.name))
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    wrapped = [data, gzip.compress(data), zstandard.compress(data)]
    with contextlib.suppress(UnicodeDecodeError):  # of text only
        wrapped += [data.replace(b"\n", b"\r\n"), ("\ufeff" + data.decode()).encode("utf-16-be")]
    for each in wrapped:
        assert drawn(load(each, Path("unknown"), None)) == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_nothing_in_a_sample_is_skipped_and_it_can_be_stored(path: Path) -> None:
    for profile in load(path.read_bytes(), path, None):
        assert profile.quality.skipped == {}
        assert drawn([batch.decode(batch.encode(profile))]) == drawn([profile])


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_written_as_folded_stacks_reads_back_the_same(path: Path) -> None:
    for profile in load(path.read_bytes(), path, None):
        text = dumped(profile, annotations=True)
        again = load_folded(text)
        assert dumped(again, annotations=True) == text
        assert again.total == profile.total
        # Threads became the stacks' first frames: all that folded stacks can say of them.
        of_thread = [frame.name for frame in again.frames]
        assert all(thread.comm in of_thread for thread in profile.threads if thread.comm)
        assert ends(again) == ends(profile)


def ends(profile: Profile) -> Counter[str]:
    """Value by the name of the last frame."""
    found: Counter[str] = Counter()
    for node, value in zip(profile.node.tolist(), profile.value.tolist(), strict=True):
        found[profile.frames[profile.stacks.frame[node]].name] += value
    return found
