/*
 * Parameters (-D): CAPABILITY, -1 for all; DENIED, whether only refusals are sent; EACH, whether each use is sent and not
 * only a process's first one of a capability.
 */

#include "arguments.h"

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

RAW_TRACEPOINT_PROBE(cap_capable)
{
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    s32 capability = ARGUMENT(cap_capable, 3), result = ARGUMENT(cap_capable, 4);
    if ((CAPABILITY >= 0 && capability != CAPABILITY) || (DENIED && !result) || !wanted())
        return 0;
    if (!EACH && !is_new(pid, capability, result))
        return 0;
    struct event event = {
        .at = bpf_ktime_get_ns(),
        .pid = pid,
        .uid = (u32)bpf_get_current_uid_gid(),
        .capability = capability,
        .result = result,
    };
    bpf_get_current_comm(event.comm, sizeof(event.comm));
    send_event(&event, sizeof(event));
    return 0;
}
