"""The CPython versions on this machine, for tests that run them."""

import functools
import os
import shutil
import subprocess
from pathlib import Path

import pytest

# Minor versions whose frames we read; pyenv is where a developer has them side by side.
MINORS = (8, 9, 10, 11, 12, 13, 14)
DISTRIBUTION = Path("/usr/bin/python3")


@functools.cache
def _versions() -> Path:
    if shutil.which("pyenv"):
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=True).stdout.strip()
    else:
        root = os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))
    return Path(root) / "versions"


def _fetched() -> Path:
    """Where script/lib/next_python.sh puts what this distribution has not."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "webprof-tests"


def releases(minor: int) -> list[Path]:
    """The interpreters of a minor version, the one to take last."""
    found = sorted(_versions().glob(f"3.{minor}.*/bin/python3"))
    return found or list(_fetched().glob(f"python3.{minor}/bin/python3"))


def python(minor: int) -> Path:
    """The newest release of a minor version; skips the test when there is none."""
    found = releases(minor)
    if not found:
        present = [other for other in MINORS if releases(other)]
        pytest.skip(f"there is no Python 3.{minor}: {len(present)} of {len(MINORS)} versions are tested here")
    return found[-1]


def any_python(version: str) -> Path:
    """One that is too old to be read; skips the test when there is none."""
    found = sorted(_versions().glob(f"{version}.*/bin/python"))
    if not found:
        pytest.skip(f"pyenv has no Python {version}")
    return found[-1]
