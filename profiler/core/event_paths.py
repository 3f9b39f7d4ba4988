"""Events of system calls that take paths: the reader's side of `bpf/path_calls.h`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from profiler.core.event_columns import errors, names, split, until_zero
from profiler.core.probe import Columns

HEADERS = ("bpf/path_calls.h",)
EVENT = np.dtype(
    [
        ("at", "<u8"), ("took", "<u8"), ("pid", "<u4"), ("uid", "<u4"), ("result", "<i4"), ("what", "<u4"),
        ("flags", "<u4"), ("path_bytes", "<u4"), ("other_bytes", "<u4"), ("unused", "<u4"), ("comm", "S16"),
    ]
)  # fmt: skip
# What stands for a text whose memory could not be read.
UNREADABLE = "(unreadable)"
_UNREADABLE = 0xFFFF_FFFF
# As much as is read of a path; a longer one is refused by the kernel anyway.
_CUT = 4095


@dataclass(frozen=True)
class PathCalls:
    """`heads` is an array of EVENT; the columns are those that all have."""

    heads: npt.NDArray[np.void]
    paths: list[str]
    others: list[str]

    @property
    def common(self) -> Columns:
        heads = self.heads
        return {
            "at_ns": heads["at"],
            "pid": heads["pid"],
            "name": names(heads["comm"]),
            "uid": heads["uid"],
            "path": self.paths,
            "error": errors(heads["result"]),
            "took": heads["took"],
        }


def path_calls(records: Sequence[bytes]) -> PathCalls:
    heads, texts = split(records, EVENT)
    paths, others = [], []
    for text, first, second in zip(texts, heads["path_bytes"].tolist(), heads["other_bytes"].tolist(), strict=True):
        at = 0 if first == _UNREADABLE else first
        paths.append(_path(text[:at], first))
        others.append(_path(text[at:], second))
    return PathCalls(heads, paths, others)


def _path(raw: bytes, length: int) -> str:
    if length == _UNREADABLE:
        return UNREADABLE
    return until_zero(raw) + ("…" if length >= _CUT else "")
