"""How long reading, writing and syncing files took."""

from profiler.core.probe import COMM, PID, Emits, Histogram, Probe, Shows

_OPERATIONS = ("read", "write", "sync")
_CALLS = (
    "read", "pread64", "readv", "preadv", "preadv2", "write", "pwrite64", "writev", "pwritev", "pwritev2", "fsync",
    "fdatasync",
)  # fmt: skip
# include/uapi/linux/magic.h, and the file systems' own headers.
_FILE_SYSTEMS = {
    0xEF53: "ext4",
    0x58465342: "xfs",
    0x9123683E: "btrfs",
    0x01021994: "tmpfs",
    0x794C7630: "overlay",
    0x858458F6: "ramfs",
    0x6969: "nfs",
    0xFF534D42: "cifs",
    0xFE534D42: "smb2",
    0x65735546: "fuse",
    0x01021997: "9p",
    0x6A656A63: "virtiofs",
    0x73717368: "squashfs",
    0xE0F5E1E2: "erofs",
    0xF2F52010: "f2fs",
    0x2FC12FC1: "zfs",
    0x4D44: "vfat",
    0x2011BAB0: "exfat",
    0x9660: "iso9660",
    0x9FA0: "proc",
    0x62656572: "sysfs",
    0x64626720: "debugfs",
    0x74726163: "tracefs",
    0x27E0EB: "cgroup",
    0x63677270: "cgroup2",
    0x958458F6: "hugetlbfs",
    0x00C36400: "ceph",
}


def _file_system(magic: int, operation: int) -> tuple[str, ...]:
    name = _FILE_SYSTEMS.get(magic & 0xFFFFFFFF, f"magic {magic:#x}")
    return name, _OPERATIONS[operation] if operation < len(_OPERATIONS) else "other"


PROBE = Probe(
    name="file_latency",
    title="File system latency",
    about="How long reading, writing and syncing regular files took, by file system and operation. With a warm cache "
    "that is copying; what waits for a disk stands far above it.",
    emits=Emits.HISTOGRAM,
    needs=tuple(f"syscalls:sys_{part}_{call}" for call in _CALLS for part in ("enter", "exit")),
    cost_ns=1050,
    parameters=(PID, COMM),
    offsets=(
        "task_struct.files",
        "files_struct.fdt",
        "fdtable.max_fds",
        "fdtable.fd",
        "file.f_inode",
        "inode.i_mode",
        "inode.i_sb",
        "super_block.s_magic",
    ),
    histogram=Histogram(
        Shows.DURATION,
        ("file system", "operation"),
        _file_system,
        stack="The thread's stack as the call returned: who asked for it.",
    ),
)
