"""The system calls by which programs and maps are made, used and attached.

Every function takes plain file descriptors and numpy arrays and raises OSError with the kernel's errno.
"""

import ctypes
import errno
import fcntl
import os
import platform
import struct

import numpy as np
import numpy.typing as npt

from profiler.agent.kernel.syscall_structs import (
    BatchAttr,
    CreateAttr,
    ElemAttr,
    IdAttr,
    LoadAttr,
    PerfEventAttr,
    PlaceEventAttr,
    RawTracepointAttr,
    RunAttr,
    StatsAttr,
)

UInt64s = npt.NDArray[np.uint64]
Array = npt.NDArray[np.generic]

# System call numbers by machine, from the kernel's syscall tables.
_BPF_NUMBER = {"x86_64": 321, "aarch64": 280}
_PERF_EVENT_OPEN_NUMBER = {"x86_64": 298, "aarch64": 241}
_MEMBARRIER_NUMBER = {"x86_64": 324, "aarch64": 283}

_MAP_CREATE = 0
_MAP_LOOKUP_ELEM = 1
_MAP_UPDATE_ELEM = 2
_MAP_DELETE_ELEM = 3
_PROG_LOAD = 5
_PROG_GET_FD_BY_ID = 13
_PROG_TEST_RUN = 10
_RAW_TRACEPOINT_OPEN = 17
_MAP_LOOKUP_BATCH = 24
_MAP_DELETE_BATCH = 27
_ENABLE_STATS = 32
_STATS_RUN_TIME = 0
_BPF_NOEXIST = 1
_MEMBARRIER_CMD_GLOBAL = 1

# Of uapi/linux/perf_event.h: two bits of perf_event_attr, a flag of the call, requests of ioctl.
_PERF_DISABLED, _PERF_FREQUENCY = 1 << 0, 1 << 10
_PERF_TYPE_SOFTWARE, _PERF_COUNT_SW_DUMMY, _PERF_SAMPLE_TIME = 1, 9, 1 << 2
# mmap, comm, task, sample_id_all, mmap2, comm_exec
_PERF_MAPPING_EVENTS = 1 << 8 | 1 << 9 | 1 << 13 | 1 << 18 | 1 << 23 | 1 << 24
_PERF_FLAG_FD_CLOEXEC = 1 << 3
_PERF_EVENT_IOC_ENABLE = 0x2400
_PERF_EVENT_IOC_PERIOD = 0x40082404
_PERF_EVENT_IOC_SET_BPF = 0x40042408
# BPF_OBJ_NAME_LEN without the final zero.
_NAME_BYTES = 15

_libc = ctypes.CDLL(None, use_errno=True)


def _syscall(numbers: dict[str, int], *args: object) -> int:
    number = numbers.get(platform.machine())
    if number is None:
        raise OSError(errno.ENOSYS, f"no system call number for {platform.machine()}")
    result = int(_libc.syscall(ctypes.c_long(number), *args))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def _bpf(command: int, attr: ctypes.Structure) -> int:
    return _syscall(_BPF_NUMBER, ctypes.c_long(command), ctypes.byref(attr), ctypes.c_long(ctypes.sizeof(attr)))


def map_create(map_type: int, key_size: int, value_size: int, max_entries: int, flags: int = 0, name: str = "") -> int:
    """The descriptor of a new map. Tools show the name's first 15 characters."""
    attr = CreateAttr(map_type, key_size, value_size, max_entries, flags, map_name=_kernel_name(name))
    return _bpf(_MAP_CREATE, attr)


def program_load(program_type: int, instructions: bytes, name: str, log: "ctypes.Array[ctypes.c_char] | None") -> int:
    """The descriptor of a program under the GPL. With a `log` the verifier writes into it what it thinks."""
    attr = LoadAttr(prog_type=program_type, insn_cnt=len(instructions) // 8, prog_name=_kernel_name(name))
    code, licence = ctypes.create_string_buffer(instructions, len(instructions)), ctypes.create_string_buffer(b"GPL")
    attr.insns, attr.license = ctypes.addressof(code), ctypes.addressof(licence)
    if log is not None:
        attr.log_level, attr.log_size, attr.log_buf = 1, len(log), ctypes.addressof(log)
    return _bpf(_PROG_LOAD, attr)


def _kernel_name(name: str) -> bytes:
    return name.encode()[:_NAME_BYTES]


def raw_tracepoint_open(name: str, program_fd: int) -> int:
    """The descriptor of a program at a tracepoint, until it is closed. It gets the arguments of the kernel's code."""
    text = ctypes.create_string_buffer(name.encode())
    return _bpf(_RAW_TRACEPOINT_OPEN, RawTracepointAttr(name=ctypes.addressof(text), prog_fd=program_fd))


def program_run(program_fd: int, arguments: UInt64s) -> int:
    """Run a program of a raw tracepoint once, here and now, with these arguments (Linux 5.10 and later).

    Gives what it returns, which is 32 bits.
    """
    attr = RunAttr(prog_fd=program_fd, ctx_size_in=arguments.nbytes, ctx_in=arguments.ctypes.data)
    _bpf(_PROG_TEST_RUN, attr)
    return int(attr.retval)


def perf_event_open(event_type: int, config: int, sample_period: int, cpu: int, *, frequency: bool = False) -> int:
    """The descriptor of an event that counts whatever runs on a CPU, once it is enabled.

    With `frequency` the period is a number of samples per second.
    """
    attr = PerfEventAttr(type=event_type, config=config, sample_period=sample_period)
    attr.size, attr.flags = ctypes.sizeof(attr), _PERF_DISABLED | (_PERF_FREQUENCY if frequency else 0)
    every_process, no_group = ctypes.c_long(-1), ctypes.c_long(-1)
    flags = ctypes.c_long(_PERF_FLAG_FD_CLOEXEC)
    return _syscall(_PERF_EVENT_OPEN_NUMBER, ctypes.byref(attr), every_process, ctypes.c_long(cpu), no_group, flags)


def uprobe_open(kind: int, config: int, path: str, offset: int, pid: int | None) -> int:
    """The descriptor of an event at a place of a file, in all processes that map it or in one.

    `kind` and `config` as /sys/bus/event_source/devices/uprobe says; the place is an offset in the file.
    """
    text = ctypes.create_string_buffer(os.fsencode(path))
    attr = PlaceEventAttr(type=kind, config=config, sample_period=1, config1=ctypes.addressof(text), config2=offset)
    attr.size, attr.flags = ctypes.sizeof(attr), _PERF_DISABLED
    # One CPU stands for all: the kernel runs BPF programs wherever the place is reached.
    process, cpu = (ctypes.c_long(-1), ctypes.c_long(0)) if pid is None else (ctypes.c_long(pid), ctypes.c_long(-1))
    flags = ctypes.c_long(_PERF_FLAG_FD_CLOEXEC)
    return _syscall(_PERF_EVENT_OPEN_NUMBER, ctypes.byref(attr), process, cpu, ctypes.c_long(-1), flags)


def mapping_events_open(cpu: int) -> int:
    """The descriptor of an event that writes a record of each executable mapping, exec and fork into its ring."""
    attr = PerfEventAttr(type=_PERF_TYPE_SOFTWARE, config=_PERF_COUNT_SW_DUMMY, sample_type=_PERF_SAMPLE_TIME)
    attr.size, attr.flags = ctypes.sizeof(attr), _PERF_MAPPING_EVENTS
    every_process, no_group = ctypes.c_long(-1), ctypes.c_long(-1)
    flags = ctypes.c_long(_PERF_FLAG_FD_CLOEXEC)
    return _syscall(_PERF_EVENT_OPEN_NUMBER, ctypes.byref(attr), every_process, ctypes.c_long(cpu), no_group, flags)


def perf_event_run(event_fd: int, program_fd: int) -> None:
    """Run the program at every occurrence from now on, until the event's descriptor is closed."""
    fcntl.ioctl(event_fd, _PERF_EVENT_IOC_SET_BPF, program_fd)
    fcntl.ioctl(event_fd, _PERF_EVENT_IOC_ENABLE, 0)


def perf_event_set_period(event_fd: int, period: int) -> None:
    """Let an event that runs occur at another period; what was counted towards the next occurrence is forgotten."""
    fcntl.ioctl(event_fd, _PERF_EVENT_IOC_PERIOD, struct.pack("<Q", period))


def map_update(map_fd: int, key: Array, value: Array, *, only_new: bool = False) -> None:
    """With `only_new` a key that is there already is refused (FileExistsError)."""
    flags = _BPF_NOEXIST if only_new else 0
    _bpf(_MAP_UPDATE_ELEM, ElemAttr(map_fd=map_fd, key=key.ctypes.data, value=value.ctypes.data, flags=flags))


def map_delete(map_fd: int, key: Array) -> None:
    _bpf(_MAP_DELETE_ELEM, ElemAttr(map_fd=map_fd, key=key.ctypes.data))


def map_lookup(map_fd: int, key: Array, value: Array) -> None:
    """Fill `value`, which must have room for the map's value (times the possible CPUs in a per-CPU map)."""
    _bpf(_MAP_LOOKUP_ELEM, ElemAttr(map_fd=map_fd, key=key.ctypes.data, value=value.ctypes.data))


def map_lookup_batch(map_fd: int, keys: Array, values: Array) -> int:
    """Read a whole hash map into arrays of its types, as long as the map is big; the number of entries."""
    cursor = np.zeros(1, dtype=np.uint64)
    done = 0
    while done < len(keys):
        attr = BatchAttr(
            in_batch=cursor.ctypes.data if done else 0,
            out_batch=cursor.ctypes.data,
            keys=keys[done:].ctypes.data,
            values=values[done:].ctypes.data,
            count=len(keys) - done,
            map_fd=map_fd,
        )
        try:
            _bpf(_MAP_LOOKUP_BATCH, attr)
        except OSError as error:
            # ENOENT is the end of the map; the count is right then, and left alone on every other error.
            if error.errno != errno.ENOENT:
                raise
            return done + int(attr.count)
        done += int(attr.count)
    return done


def map_delete_batch(map_fd: int, keys: Array, *, some_gone: bool = False) -> None:
    """Delete keys that are all in the map, unless it may have lost some (`some_gone`)."""
    keys = np.ascontiguousarray(keys)
    while len(keys):
        attr = BatchAttr(keys=keys.ctypes.data, count=len(keys), map_fd=map_fd)
        try:
            _bpf(_MAP_DELETE_BATCH, attr)
        except FileNotFoundError:
            if not some_gone:
                raise
            # The count is of those before the one that is gone.
            keys = keys[int(attr.count) + 1 :]
        else:
            return


def program_exists(program_id: int) -> bool:
    """Whether the kernel still has a BPF program of this id."""
    try:
        os.close(_bpf(_PROG_GET_FD_BY_ID, IdAttr(id=program_id)))
    except FileNotFoundError:
        return False
    return True


def enable_run_time_stats() -> int:
    """A descriptor; while it is open the kernel measures the run time of every BPF program."""
    return _bpf(_ENABLE_STATS, StatsAttr(type=_STATS_RUN_TIME))


def wait_for_running_programs() -> None:
    """Return when every BPF program that was running has ended: a global membarrier is the kernel's synchronize_rcu."""
    _syscall(_MEMBARRIER_NUMBER, ctypes.c_long(_MEMBARRIER_CMD_GLOBAL), ctypes.c_long(0), ctypes.c_long(0))
