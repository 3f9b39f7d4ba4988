"""The browser's files are gathered again exactly when something changed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from webprof.up.static_files import StaticFiles


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    rules = ("webprof/staticfiles.py", "profiler/joined_files.py")
    for name in ("static/js/a.js", *rules, "data/static/staticfiles.json"):
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True)
        path.write_text("x")
    return tmp_path / "checkout"


def files(checkout: Path) -> StaticFiles:
    return StaticFiles(checkout, checkout / "data")


def test_never_gathered_is_not_current_and_gathered_is(checkout: Path) -> None:
    assert not files(checkout).are_current()
    files(checkout).note_gathered()
    assert files(checkout).are_current()


@pytest.mark.parametrize(
    "change",
    [
        lambda checkout: os.utime(checkout / "static/js/a.js", ns=(1, 1)),
        lambda checkout: (checkout / "static/js/b.js").write_text("new"),
        lambda checkout: (checkout / "static/js/a.js").unlink(),
        lambda checkout: (checkout / "webprof/staticfiles.py").write_text("other rules"),
        lambda checkout: (checkout / "profiler/joined_files.py").write_text("other rules"),
        lambda checkout: (checkout / "data/static/staticfiles.json").unlink(),
    ],
)
def test_any_change_means_gathering_again(checkout: Path, change: Callable[[Path], object]) -> None:
    files(checkout).note_gathered()
    change(checkout)
    assert not files(checkout).are_current()
