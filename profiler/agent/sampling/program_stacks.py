"""What a program that adds values remembers of stacks: which it has sent, and those of what has not ended yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.program import SamplingProgram
from profiler.agent.sampling.collector import wait_for_running_programs

# struct wait of profiler/bpf/waits.h.
WAIT = np.dtype(
    [
        ("since", "<u8"),
        ("woken", "<u8"),
        ("stack", "<u8"),
        ("waker", "<u8"),
        ("exec", "<u8"),
        ("state", "<u4"),
        ("unused", "<u4"),
    ]
)
# struct kept of profiler/probes/allocations/program.c.
KEPT = np.dtype([("stack", "<u8"), ("bytes", "<u8")])
# struct contention of profiler/probes/lock_contention/program.c.
_CONTENTION = np.dtype([("since", "<u8"), ("stack", "<u8"), ("state", "<u8")])
_SENT = "known"


@dataclass(frozen=True)
class _Begun:
    """A map of what has begun: its key's bytes, its values, and which of these are hashes of stacks."""

    key_bytes: int
    value: np.dtype[np.void]
    stacks: tuple[str, ...] = ("stack",)


_BEGUN: Mapping[str, _Begun] = {
    "waits": _Begun(4, WAIT, ("stack", "waker")),
    "contentions": _Begun(16, _CONTENTION),
    "kept": _Begun(8, KEPT),
}


class ProgramStacks:
    """Of one recording. Not thread-safe; the recording holds a lock."""

    def __init__(self, program: SamplingProgram) -> None:
        self._program = program

    def send_again(self) -> None:
        """From when this returns each stack that is met is sent, also one that was before. Raises OSError."""
        # Who sent one just now has noted it when this returns.
        wait_for_running_programs()
        keys, _ = self._read(_SENT, "<u8", "u1")
        bpf_syscall.map_delete_batch(self._program.map_fd(_SENT), keys, some_gone=True)

    def begun(self) -> set[int]:
        """Hashes of the stacks whose value comes later. Raises OSError."""
        found: set[int] = set()
        for name, begun in _BEGUN.items():
            if self._program.room(name):
                _, values = self._read(name, f"V{begun.key_bytes}", begun.value)
                for field in begun.stacks:
                    found.update(np.unique(values[field]).tolist())
        return found

    def _read(self, name: str, key: npt.DTypeLike, value: npt.DTypeLike) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        room = self._program.room(name)
        keys: npt.NDArray[Any]
        values: npt.NDArray[Any]
        keys, values = np.zeros(room, dtype=key), np.zeros(room, dtype=value)
        found = bpf_syscall.map_lookup_batch(self._program.map_fd(name), keys, values)
        return keys[:found], values[:found]
