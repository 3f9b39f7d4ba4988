/*
 * What reading, writing and syncing regular files takes, from the call to its return, by file system and operation.
 * The file is found by its descriptor, at offsets from BTF; pipes, sockets and terminals are passed over.
 */
#include "read_kernel.h"

#define THREADS 65536
#define MODE_TYPE 0170000
#define MODE_REGULAR 0100000

enum file_operation {
    FILE_READ = 0,
    FILE_WRITE = 1,
    FILE_SYNC = 2,
};
struct begun {
    u64 since;
    u64 magic;
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

static __always_inline int begin(u64 fd)
{
    if (!wanted())
        return 0;
    struct begun begun = {.magic = magic_of(fd & 0xFFFFFFFF)};
    if (!begun.magic)
        return 0;
    u64 id = bpf_get_current_pid_tgid();
    begun.since = bpf_ktime_get_ns();
    if (operations.update(&id, &begun))
        histogram_count_lost(LOST_NO_START);
    return 0;
}

static __always_inline int end(void *ctx, u64 operation)
{
    u64 id = bpf_get_current_pid_tgid();
    struct begun *begun = operations.lookup(&id);
    if (!begun)
        return 0;
    u64 now = bpf_ktime_get_ns(), since = begun->since, magic = begun->magic;
    operations.delete(&id);
    return observe_here(ctx, magic, operation, now - since, now);
}

#define FILE_CALL(name, operation)                    \
    TRACEPOINT_PROBE(syscalls, sys_enter_##name)      \
    {                                                 \
        return begin(args->fd);                       \
    }                                                 \
    TRACEPOINT_PROBE(syscalls, sys_exit_##name)       \
    {                                                 \
        return end(args, operation);                        \
    }

FILE_CALL(read, FILE_READ)
FILE_CALL(pread64, FILE_READ)
FILE_CALL(readv, FILE_READ)
FILE_CALL(preadv, FILE_READ)
FILE_CALL(preadv2, FILE_READ)
FILE_CALL(write, FILE_WRITE)
FILE_CALL(pwrite64, FILE_WRITE)
FILE_CALL(writev, FILE_WRITE)
FILE_CALL(pwritev, FILE_WRITE)
FILE_CALL(pwritev2, FILE_WRITE)
FILE_CALL(fsync, FILE_SYNC)
FILE_CALL(fdatasync, FILE_SYNC)
