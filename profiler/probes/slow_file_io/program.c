/*
 * Parameters (-D): MIN_US, what is faster is not sent. Of files on file systems alone: reading from a pipe or a socket waits
 * for somebody, which says nothing of a disk. Only a slow call pays for finding its file.
 */
#include "task.h"

/* The reader's names of these are in __init__.py. */
enum operation { READ, WRITE, SYNC };

#define S_IFMT 0170000
#define S_IFREG 0100000
#define NAME_BYTES 256 /* NAME_MAX and the zero */
#define MAX_DEPTH 16
#define SYSTEM_BYTES 32 /* s_id of struct super_block */

struct event {
    u64 at;
    u64 took;
    s64 result;
    u32 pid;
    u32 operation;
    u32 names;
    u32 bytes; /* of text */
    char comm[TASK_COMM_LEN];
    char system[SYSTEM_BYTES];
    char text[MAX_DEPTH * NAME_BYTES]; /* names up to the root of the file system, the file's first */
};

struct call {
    u64 at;
    u32 descriptor;
    u32 operation;
};

BPF_HASH(calls, u64, struct call, 8192);
BPF_PERCPU_ARRAY(space, struct event, 1);

static __always_inline int begin(u32 operation, u32 descriptor)
{
    if (!wanted())
        return 0;
    u64 thread = bpf_get_current_pid_tgid();
    struct call call = {.at = bpf_ktime_get_ns(), .descriptor = descriptor, .operation = operation};
    if (calls.update(&thread, &call))
        count_lost(LOST_NO_ROOM);
    return 0;
}

static __always_inline void read_names(struct event *event, u64 dentry)
{
    u32 used = 0;
    event->names = 0;
    for (int i = 0; i < MAX_DEPTH; i++) {
        u64 name = 0, parent = 0;
        READ_KERNEL(name, dentry, OFF_DENTRY_D_NAME_NAME);
        READ_KERNEL(parent, dentry, OFF_DENTRY_D_PARENT);
        if (parent == dentry || used > sizeof(event->text) - NAME_BYTES)
            break;
        long bytes = bpf_probe_read_kernel_str(&event->text[used], NAME_BYTES, (const void *)name);
        if (bytes < 0)
            break;
        used += (u32)bytes & (2 * NAME_BYTES - 1);
        event->names++;
        dentry = parent;
    }
    event->bytes = used;
}

static __always_inline bool read_file(struct event *event, u32 descriptor)
{
    u64 file = file_of(descriptor), inode = 0, system = 0, dentry = 0;
    u16 mode = 0;
    READ_KERNEL(inode, file, OFF_FILE_F_INODE);
    READ_KERNEL(mode, inode, OFF_INODE_I_MODE);
    if (!file || (mode & S_IFMT) != S_IFREG)
        return false;
    READ_KERNEL(system, inode, OFF_INODE_I_SB);
    bpf_probe_read_kernel_str(event->system, sizeof(event->system), (const void *)(system + OFF_SUPER_BLOCK_S_ID));
    READ_KERNEL(dentry, file, OFF_FILE_F_PATH_DENTRY);
    read_names(event, dentry);
    return true;
}

static __always_inline int end(s64 result)
{
    u64 thread = bpf_get_current_pid_tgid();
    u32 zero = 0;
    struct call *begun = calls.lookup(&thread);
    if (!begun)
        return 0;
    struct call call = *begun;
    calls.delete(&thread);
    u64 took = bpf_ktime_get_ns() - call.at;
    struct event *event = took >= MIN_US * 1000ULL ? space.lookup(&zero) : 0;
    if (!event || !read_file(event, call.descriptor))
        return 0;
    event->at = call.at;
    event->took = took;
    event->result = result;
    event->pid = thread >> 32;
    event->operation = call.operation;
    bpf_get_current_comm(event->comm, sizeof(event->comm));
    u64 bytes = event->bytes;
    if (bytes > sizeof(event->text))
        bytes = sizeof(event->text);
    send_event(event, __builtin_offsetof(struct event, text) + bytes);
    return 0;
}

TRACEPOINT_PROBE(syscalls, sys_enter_read) { return begin(READ, args->fd); }
TRACEPOINT_PROBE(syscalls, sys_exit_read) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_pread64) { return begin(READ, args->fd); }
TRACEPOINT_PROBE(syscalls, sys_exit_pread64) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_readv) { return begin(READ, args->fd); }
TRACEPOINT_PROBE(syscalls, sys_exit_readv) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_preadv) { return begin(READ, args->fd); }
TRACEPOINT_PROBE(syscalls, sys_exit_preadv) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_preadv2) { return begin(READ, args->fd); }
TRACEPOINT_PROBE(syscalls, sys_exit_preadv2) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_write) { return begin(WRITE, args->fd); }
TRACEPOINT_PROBE(syscalls, sys_exit_write) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_pwrite64) { return begin(WRITE, args->fd); }
TRACEPOINT_PROBE(syscalls, sys_exit_pwrite64) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_writev) { return begin(WRITE, args->fd); }
TRACEPOINT_PROBE(syscalls, sys_exit_writev) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_pwritev) { return begin(WRITE, args->fd); }
TRACEPOINT_PROBE(syscalls, sys_exit_pwritev) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_pwritev2) { return begin(WRITE, args->fd); }
TRACEPOINT_PROBE(syscalls, sys_exit_pwritev2) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_fsync) { return begin(SYNC, args->fd); }
TRACEPOINT_PROBE(syscalls, sys_exit_fsync) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_fdatasync) { return begin(SYNC, args->fd); }
TRACEPOINT_PROBE(syscalls, sys_exit_fdatasync) { return end(args->ret); }
