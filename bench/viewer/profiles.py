"""The sample profiles as files, made once: the largest takes half a minute."""

import hashlib
import os
from pathlib import Path

from bench.viewer import sample_profile as made_by
from bench.viewer.sample_profile import sample_profile
from profiler.core import batch
from profiler.core.profile import Profile
from profiler.ingest.ids import new_profile_id


def cache_directory() -> Path:
    """Of this bench, below the user's cache."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    directory = Path(root) / "webprof-bench"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def profile_file(size: str) -> Path:
    """A batch; made again when the generator has changed."""
    version = hashlib.sha256(Path(made_by.__file__).read_bytes()).hexdigest()[:12]
    path = cache_directory() / f"{size}-{version}.batch"
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_bytes(batch.encode(sample_profile(size, str(new_profile_id()))))
        unfinished.rename(path)
    return path


def read(path: Path) -> Profile:
    return batch.decode(path.read_bytes())
