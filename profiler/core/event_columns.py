"""Columns of events from what programs sent: names, texts and numbers as people know them.

A C struct that is followed by text is read with `split`; whatever bytes a program met become text that can be sent.
"""

import errno
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

# signal(7), from 1 on; the numbers of x86 and ARM.
SIGNALS = (
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR", "SYS",
)  # fmt: skip
# As the C library counts them: the kernel's first two are its own.
_FIRST_REAL_TIME = 34
Numbers = npt.NDArray[np.integer]


def shown(raw: bytes) -> str:
    r"""A file's name may hold any bytes: what is no UTF-8 becomes `\xff`."""
    return raw.decode("utf-8", "backslashreplace")


def until_zero(raw: bytes) -> str:
    return shown(raw.partition(b"\0")[0])


def names(column: npt.NDArray[np.bytes_]) -> list[str]:
    """Of a column `S16`: each name is made once, thousands of events have the same few."""
    found, place = np.unique(column, return_inverse=True)
    texts = [until_zero(name) for name in found.tolist()]
    return [texts[i] for i in place.tolist()]


def words(column: Numbers, word: Callable[[int], str]) -> list[str]:
    """Each different number is asked once."""
    found, place = np.unique(column, return_inverse=True)
    texts = [word(number) for number in found.tolist()]
    return [texts[i] for i in place.tolist()]


def errors(returned: Numbers) -> list[str]:
    """Names of the errors that system calls returned as negative numbers; empty where it went well."""
    return words(np.minimum(returned, 0), lambda number: error_name(-number))


def error_name(number: int) -> str:
    return errno.errorcode.get(number, str(number)) if number else ""


def signal_name(number: int) -> str:
    """SIGTERM for 15; signals of real time count from SIGRTMIN."""
    if 0 < number <= len(SIGNALS):
        return f"SIG{SIGNALS[number - 1]}"
    return f"SIGRTMIN+{number - _FIRST_REAL_TIME}" if number >= _FIRST_REAL_TIME else str(number)


def split(records: Sequence[bytes], head: np.dtype[np.void]) -> tuple[npt.NDArray[np.void], list[bytes]]:
    """The fixed first part of each record as an array, and what follows it."""
    size = head.itemsize
    heads = np.frombuffer(b"".join(record[:size] for record in records), dtype=head)
    return heads, [record[size:] for record in records]
