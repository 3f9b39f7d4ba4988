/*
 * What reading, writing and syncing regular files takes, from the call to its return, by file system and operation.
 * The file is found by its descriptor, at offsets from BTF; pipes, sockets and terminals are passed over.
 */
#include "system_call.h"

#define THREADS 65536
#define MODE_TYPE 0170000
#define MODE_REGULAR 0100000

enum file_operation {
    FILE_READ = 0,
    FILE_WRITE = 1,
    FILE_SYNC = 2,
};
/* arch/x86/entry/syscalls/syscall_64.tbl */
enum file_call {
    NR_READ = 0,
    NR_WRITE = 1,
    NR_PREAD64 = 17,
    NR_PWRITE64 = 18,
    NR_READV = 19,
    NR_WRITEV = 20,
    NR_FSYNC = 74,
    NR_FDATASYNC = 75,
    NR_PREADV = 295,
    NR_PWRITEV = 296,
    NR_PREADV2 = 327,
    NR_PWRITEV2 = 328,
};
struct begun {
    u64 since;
    u64 magic;
    u64 operation;
};
BPF_HASH(operations, u64, struct begun, THREADS);

/* The number by which its file system is known; 0 for what is no regular file. */
static __always_inline u64 magic_of(u64 fd)
{
    u64 files = pointer_at(bpf_get_current_task() + OFF_TASK_STRUCT_FILES);
    u64 table = pointer_at(files + OFF_FILES_STRUCT_FDT);
    u32 room = 0;
    bpf_probe_read_kernel(&room, sizeof(room), (void *)(table + OFF_FDTABLE_MAX_FDS));
    if (fd >= room)
        return 0;
    u64 file = pointer_at(pointer_at(table + OFF_FDTABLE_FD) + fd * sizeof(u64));
    u64 inode = file ? pointer_at(file + OFF_FILE_F_INODE) : 0;
    u16 mode = 0;
    bpf_probe_read_kernel(&mode, sizeof(mode), (void *)(inode + OFF_INODE_I_MODE));
    if ((mode & MODE_TYPE) != MODE_REGULAR)
        return 0;
    return pointer_at(pointer_at(inode + OFF_INODE_I_SB) + OFF_SUPER_BLOCK_S_MAGIC);
}

static __always_inline bool is_file_call(u32 number, u64 *operation)
{
    switch (number) {
    case NR_READ:
    case NR_PREAD64:
    case NR_READV:
    case NR_PREADV:
    case NR_PREADV2:
        *operation = FILE_READ;
        return true;
    case NR_WRITE:
    case NR_PWRITE64:
    case NR_WRITEV:
    case NR_PWRITEV:
    case NR_PWRITEV2:
        *operation = FILE_WRITE;
        return true;
    case NR_FSYNC:
    case NR_FDATASYNC:
        *operation = FILE_SYNC;
        return true;
    }
    return false;
}

RAW_TRACEPOINT_PROBE(sys_enter)
{
    struct begun begun = {};
    if (!is_file_call(CALL_ENTERED, &begun.operation) || !wanted() || !is_of_64_bits())
        return 0;
    begun.magic = magic_of((u32)CALL_FIRST);
    if (!begun.magic)
        return 0;
    u64 id = bpf_get_current_pid_tgid();
    begun.since = bpf_ktime_get_ns();
    if (operations.update(&id, &begun))
        histogram_count_lost(LOST_NO_START);
    return 0;
}

RAW_TRACEPOINT_PROBE(sys_exit)
{
    u64 id = bpf_get_current_pid_tgid(), operation;
    if (!is_file_call(CALL_ENDED, &operation))
        return 0;
    struct begun *begun = operations.lookup(&id);
    if (!begun)
        return 0;
    u64 now = bpf_ktime_get_ns(), since = begun->since, magic = begun->magic;
    operation = begun->operation;
    operations.delete(&id);
    observe_current(magic, operation, now - since, now);
    return 0;
}
