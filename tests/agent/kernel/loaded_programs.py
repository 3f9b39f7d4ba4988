"""What the kernel says of loaded BPF programs."""

import ctypes
import errno
import os

from profiler.agent.kernel import bpf_syscall

_PROG_GET_FD_BY_ID = 13


class _IdAttr(ctypes.Structure):
    _fields_ = (("prog_id", ctypes.c_uint32), ("next_id", ctypes.c_uint32), ("open_flags", ctypes.c_uint32))


def program_exists(program: int) -> bool:
    """Whether a BPF program of this id is loaded."""
    try:
        os.close(bpf_syscall._bpf(_PROG_GET_FD_BY_ID, _IdAttr(prog_id=program)))
    except OSError as error:
        if error.errno == errno.ENOENT:
            return False
        raise
    return True
