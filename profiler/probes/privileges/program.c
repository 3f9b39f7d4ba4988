/*
 * Parameters (-D): CAPABILITY, -1 for all; DENIED, whether only refusals are sent; EACH, whether each use is sent and not
 * only a process's first one of a capability.
 */

struct event {
    u64 at;
    u32 pid;
    u32 uid;
    s32 capability;
    s32 result;
    char comm[TASK_COMM_LEN];
};

struct use {
    u32 pid;
    s16 capability;
    s16 result;
};
/* The least recently used go first, and are told once more. */
BPF_TABLE("lru_hash", struct use, u8, told, 16384);

static __always_inline bool is_new(u32 pid, s32 capability, s32 result)
{
    struct use use = {.pid = pid, .capability = capability, .result = result};
    if (told.lookup(&use))
        return false;
    u8 yes = 1;
    told.update(&use, &yes);
    return true;
}

TRACEPOINT_PROBE(capability, cap_capable)
{
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    if ((CAPABILITY >= 0 && args->cap != CAPABILITY) || (DENIED && !args->ret) || !wanted())
        return 0;
    if (!EACH && !is_new(pid, args->cap, args->ret))
        return 0;
    struct event event = {
        .at = bpf_ktime_get_ns(),
        .pid = pid,
        .uid = (u32)bpf_get_current_uid_gid(),
        .capability = args->cap,
        .result = args->ret,
    };
    bpf_get_current_comm(event.comm, sizeof(event.comm));
    send_event(&event, sizeof(event));
    return 0;
}
