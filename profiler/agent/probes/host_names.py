"""What only this host knows of what its probes send: the names of its disks."""

from functools import cache
from pathlib import Path

_DEVICES = Path("/sys/dev/block")
DISK = "disk"


@cache
def disk_name(number: str) -> str:
    """`vda` of `254:0`; the number of a disk that is gone."""
    try:
        return (_DEVICES / number).resolve(strict=True).name
    except OSError:
        return number


def named_here(names: tuple[str, ...], values: tuple[str, ...]) -> tuple[str, ...]:
    """A row's labels as people of this host know them."""
    return tuple(disk_name(value) if name == DISK else value for name, value in zip(names, values, strict=True))
