"""What BPF needs to find mappings by itself: offsets in this kernel's structs, and the files whose rows are known."""

import contextlib
import functools
import os

import numpy as np

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.btf import Btf, BtfError
from profiler.agent.unwind.mappings import VDSO_KEY, FileKey
from profiler.agent.unwind.row_store import Run
from profiler.debuginfo.elf import Segment

# The macro of unwind_vma.h that turns it on, and how many files it can know.
SWITCH = "WALK_VMA"
FILE_ENTRIES = 8192

# Fields by macro; where kernels differ the first name that exists is taken.
_FIELDS = {
    "OFF_TASK_MM": ("task_struct", "mm"),
    "OFF_MM_ROOT": ("mm_struct", "mm_mt.ma_root"),
    "OFF_MM_VDSO": ("mm_struct", "context.vdso"),
    "OFF_RANGE_PIVOT": ("maple_range_64", "pivot"),
    "OFF_RANGE_SLOT": ("maple_range_64", "slot"),
    "OFF_ARANGE_PIVOT": ("maple_arange_64", "pivot"),
    "OFF_ARANGE_SLOT": ("maple_arange_64", "slot"),
    "OFF_VMA_START": ("vm_area_struct", "vm_start"),
    "OFF_VMA_END": ("vm_area_struct", "vm_end"),
    "OFF_VMA_PGOFF": ("vm_area_struct", "vm_pgoff"),
    "OFF_VMA_FILE": ("vm_area_struct", "vm_file"),
    "OFF_FILE_INODE": ("file", "f_inode"),
    "OFF_INODE_NUMBER": ("inode", "i_ino"),
    "OFF_INODE_SIZE": ("inode", "i_size"),
    "OFF_INODE_MTIME_S": ("inode", "i_mtime_sec", "__i_mtime.tv_sec", "i_mtime.tv_sec"),
    "OFF_INODE_MTIME_NS": ("inode", "i_mtime_nsec", "__i_mtime.tv_nsec", "i_mtime.tv_nsec"),
    "OFF_INODE_SUPER": ("inode", "i_sb"),
    "OFF_SUPER_DEVICE": ("super_block", "s_dev"),
}
# Twins of struct unwind_file_key and struct unwind_file.
_KEY = np.dtype([("inode", "<u8"), ("size", "<u8"), ("mtime_s", "<u8"), ("mtime_ns", "<u4"), ("device", "<u4")])
_FILE = np.dtype([("offset", "<u8"), ("end", "<u8"), ("delta", "<u8"), ("first_row", "<u4"), ("rows", "<u4")])
_MINOR_BITS = 20  # of the kernel's own device numbers


@functools.cache
def kernel_offsets() -> dict[str, int]:
    """Macros for unwind_vma.h; empty on kernels older than 6.1 or without BTF."""
    try:
        btf = Btf.of_running_kernel()
        return {macro: _offset(btf, *names) for macro, names in _FIELDS.items()}
    except BtfError:
        return {}


def _offset(btf: Btf, struct_name: str, *paths: str) -> int:
    for path in paths[:-1]:
        with contextlib.suppress(BtfError):
            return btf.offset(struct_name, path)
    return btf.offset(struct_name, paths[-1])


class KnownFiles:
    """Files that BPF may walk through without being told that a process has mapped them."""

    def __init__(self, files_fd: int, vdso_fd: int) -> None:
        self._files_fd = files_fd
        self._vdso_fd = vdso_fd
        self._known: dict[FileKey, str] = {}

    def add(self, key: FileKey, content: str, segments: tuple[Segment, ...], run: Run) -> None:
        """Files with code in several segments are left to the agent: there are hardly any."""
        code = [segment for segment in segments if segment.executable]
        if self._known.get(key) == content or len(code) != 1:
            return
        delta = (code[0].vaddr - code[0].offset) % 2**64
        first = code[0].offset - code[0].offset % os.sysconf("SC_PAGE_SIZE")
        file = np.array([(first, code[0].offset + code[0].size, delta, *run)], dtype=_FILE)
        with contextlib.suppress(OSError):  # full: the others are walked with tables of their process
            if key == VDSO_KEY:
                bpf_syscall.map_update(self._vdso_fd, np.zeros(1, dtype=np.uint32), file)
            else:
                bpf_syscall.map_update(self._files_fd, _record(key), file)
            self._known[key] = content

    def contents(self) -> set[str]:
        return set(self._known.values())

    def clear(self) -> None:
        """Forget all: their rows are needed for others."""
        for key in self._known:
            with contextlib.suppress(OSError):
                if key == VDSO_KEY:
                    bpf_syscall.map_update(self._vdso_fd, np.zeros(1, dtype=np.uint32), np.zeros(1, dtype=_FILE))
                else:
                    bpf_syscall.map_delete(self._files_fd, _record(key))
        self._known.clear()


def _record(key: FileKey) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    device = os.major(key.device) << _MINOR_BITS | os.minor(key.device)
    seconds, nanoseconds = divmod(key.mtime_ns, 1_000_000_000)
    return np.array([(key.inode, key.size, seconds % 2**64, nanoseconds, device)], dtype=_KEY)
