/* Mounts and what ends them. Texts are read when the call ends; they are rare and short. */

#define TEXT_BYTES 512
#define TYPE_BYTES 32

/* The reader's names of these are in __init__.py. */
enum what { MOUNT, UMOUNT, MOVE };

struct event {
    u64 at;
    u64 took;
    u32 pid;
    u32 uid;
    s32 result;
    u32 what;
    u64 flags;
    char comm[TASK_COMM_LEN];
    char source[TEXT_BYTES];
    char target[TEXT_BYTES];
    char type[TYPE_BYTES];
};

struct call {
    u64 at;
    u64 flags;
    const char *source;
    const char *target;
    const char *type;
    u64 what;
};

BPF_HASH(calls, u64, struct call, 1024);
BPF_PERCPU_ARRAY(space, struct event, 1);

static __always_inline int begin(u32 what, const char *source, const char *target, const char *type, u64 flags)
{
    u64 thread = bpf_get_current_pid_tgid();
    struct call call = {bpf_ktime_get_ns(), flags, source, target, type, what};
    if (wanted() && calls.update(&thread, &call))
        count_lost(LOST_NO_ROOM);
    return 0;
}

static __always_inline void read_text(char *text, u32 bytes, const char *from)
{
    text[0] = 0;
    if (from)
        bpf_probe_read_user_str(text, bytes, from);
}

static __always_inline int end(s64 result)
{
    u64 thread = bpf_get_current_pid_tgid();
    u32 zero = 0;
    struct call *call = calls.lookup(&thread);
    struct event *event = space.lookup(&zero);
    if (!call || !event)
        return 0;
    event->at = call->at;
    event->took = bpf_ktime_get_ns() - call->at;
    event->pid = thread >> 32;
    event->uid = bpf_get_current_uid_gid();
    event->result = result;
    event->what = call->what;
    event->flags = call->flags;
    bpf_get_current_comm(event->comm, sizeof(event->comm));
    read_text(event->source, sizeof(event->source), call->source);
    read_text(event->target, sizeof(event->target), call->target);
    read_text(event->type, sizeof(event->type), call->type);
    calls.delete(&thread);
    send_event(event, sizeof(*event));
    return 0;
}

TRACEPOINT_PROBE(syscalls, sys_enter_mount)
{
    return begin(MOUNT, args->dev_name, args->dir_name, args->type, args->flags);
}

TRACEPOINT_PROBE(syscalls, sys_enter_umount) { return begin(UMOUNT, 0, args->name, 0, args->flags); }

TRACEPOINT_PROBE(syscalls, sys_enter_move_mount)
{
    return begin(MOVE, args->from_pathname, args->to_pathname, 0, args->flags);
}

TRACEPOINT_PROBE(syscalls, sys_exit_mount) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_exit_umount) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_exit_move_mount) { return end(args->ret); }
