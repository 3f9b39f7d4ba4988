"""Files that people and other servers send, on their way to the disk: bounded, whole or not there."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from profiler.errors import InvalidError, TooLargeError

MAX_FILE_NAME = 255


def plain_name(file_name: str, default: str) -> str:
    """The last part of a name without what can't be shown; browsers and scripts send all sorts."""
    last = PurePosixPath(file_name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[:MAX_FILE_NAME] or default


def write_down(path: Path, name: str, chunks: Iterable[bytes], limit: int, advice: str) -> int:
    """Write what comes, in a directory for this server only; returns the bytes. `name` is what messages call it.

    Raises TooLargeError as soon as it is over the limit, with `advice` on what to do, or InvalidError when it is
    empty. Whatever is raised, also by `chunks`: nothing stays.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return _write(path, name, chunks, limit, advice)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write(path: Path, name: str, chunks: Iterable[bytes], limit: int, advice: str) -> int:
    size = 0
    with path.open("xb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise TooLargeError(f"{name}: over the limit of {limit:,} bytes; {advice}", "file")
            file.write(chunk)
    if size == 0:
        raise InvalidError(f"{name}: the file is empty", "file")
    return size
