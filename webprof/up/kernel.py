"""Requests to the kernel that leave no process behind, however a program of ours ends."""

import ctypes
import os

_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies, so that the end can find them all."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans(child: int) -> None:
    """Let adopted processes that have ended go; of `child` itself somebody else takes note."""
    ended_ones = os.WEXITED | os.WNOHANG | os.WNOWAIT  # looked at, not taken: it may be the child
    while (ended := os.waitid(os.P_ALL, 0, ended_ones)) is not None and ended.si_pid != child:
        os.waitpid(ended.si_pid, 0)
