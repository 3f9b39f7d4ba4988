/*
 * System calls that take one path or two: remembered when they begin, sent when they end. Paths are read at the end, when
 * the kernel has read them too: at the beginning their memory may not be there yet, and a program may not wait for it.
 */
#ifndef WEBPROF_PATH_CALLS_H
#define WEBPROF_PATH_CALLS_H

#include <linux/types.h>

#define PATH_BYTES 4096 /* PATH_MAX */
#define UNREADABLE 0xffffffff

struct path_call {
    u64 at;
    const char *path;
    const char *other;
    u32 what;
    u32 flags;
};

/* `path_bytes` and `other_bytes` of `text`, zero included, or UNREADABLE. The reader's twin is core/event_paths.py. */
struct path_event {
    u64 at;
    u64 took;
    u32 pid;
    u32 uid;
    s32 result;
    u32 what;
    u32 flags;
    u32 path_bytes;
    u32 other_bytes;
    u32 unused;
    char comm[TASK_COMM_LEN];
    char text[2 * PATH_BYTES];
};

/* As many threads as can be in such a call at once; others are counted as lost. */
BPF_HASH(path_calls, u64, struct path_call, 8192);
BPF_PERCPU_ARRAY(path_space, struct path_event, 1);

static __always_inline int begin_path_call(u32 what, const char *path, const char *other, u32 flags)
{
    if (!wanted())
        return 0;
    u64 thread = bpf_get_current_pid_tgid();
    struct path_call call = {.at = bpf_ktime_get_ns(), .path = path, .other = other, .what = what, .flags = flags};
    if (path_calls.update(&thread, &call))
        count_lost(LOST_NO_ROOM);
    return 0;
}

/* Bytes of text that were put at `used`, which is at most PATH_BYTES. */
static __always_inline u32 read_path(struct path_event *event, u32 used, const char *path, u32 *length)
{
    *length = 0;
    if (!path)
        return 0;
    long bytes = bpf_probe_read_user_str(&event->text[used], PATH_BYTES - 1, path);
    if (bytes < 0) {
        *length = UNREADABLE;
        return 0;
    }
    *length = bytes;
    return (u32)bytes & (PATH_BYTES - 1);
}

static __always_inline void send_path_call(struct path_call *call, s64 result)
{
    u32 zero = 0;
    struct path_event *event = path_space.lookup(&zero);
    if (!event)
        return;
    event->at = call->at;
    event->took = bpf_ktime_get_ns() - call->at;
    event->pid = bpf_get_current_pid_tgid() >> 32;
    event->uid = bpf_get_current_uid_gid();
    event->result = result;
    event->what = call->what;
    event->flags = call->flags;
    bpf_get_current_comm(event->comm, sizeof(event->comm));
    u32 used = read_path(event, 0, call->path, &event->path_bytes);
    u32 more = read_path(event, used, call->other, &event->other_bytes);
    send_event(event, __builtin_offsetof(struct path_event, text) + (u64)used + (u64)more);
}

/* Every end must come here, wanted or not: only the beginning knows. */
static __always_inline int take_path_call(struct path_call *call)
{
    u64 thread = bpf_get_current_pid_tgid();
    struct path_call *begun = path_calls.lookup(&thread);
    if (!begun)
        return 0;
    *call = *begun;
    path_calls.delete(&thread);
    return 1;
}

#endif
