/* Whom the kernel kills for want of memory. Of all processes: who asked for the memory may be another one. */

#include "arguments.h"

struct event {
    u64 at;
    u64 total_kb;
    u64 anonymous_kb;
    u64 file_kb;
    u64 shared_kb;
    u32 victim;
    u32 uid;
    u32 pid;
    s32 adjustment;
    char comm[TASK_COMM_LEN];
    char victim_comm[TASK_COMM_LEN];
};

#ifdef MEMORY_TOLD
TRACEPOINT_PROBE(oom, mark_victim)
{
    struct event event = {
        .at = bpf_ktime_get_ns(),
        .total_kb = args->total_vm,
        .anonymous_kb = args->anon_rss,
        .file_kb = args->file_rss,
        .shared_kb = args->shmem_rss,
        .victim = args->pid,
        .uid = args->uid,
        .pid = bpf_get_current_pid_tgid() >> 32,
        .adjustment = args->oom_score_adj,
    };
    bpf_get_current_comm(event.comm, sizeof(event.comm));
    const char *name = (const char *)args + (args->data_loc_comm & 0xffff);
    bpf_probe_read_kernel_str(event.victim_comm, sizeof(event.victim_comm), name);
    send_event(&event, sizeof(event));
    return 0;
}
#else
#define NOBODY_KNOWS (~0U)

RAW_TRACEPOINT_PROBE(mark_victim)
{
    struct event event = {
        .at = bpf_ktime_get_ns(),
        .victim = ARGUMENT(mark_victim, 0),
        .uid = NOBODY_KNOWS,
        .pid = bpf_get_current_pid_tgid() >> 32,
    };
    bpf_get_current_comm(event.comm, sizeof(event.comm));
    send_event(&event, sizeof(event));
    return 0;
}
#endif
