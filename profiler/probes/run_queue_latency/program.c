/* From the moment a thread can run (woken, started or put aside) until it runs, by the CPU that it then runs on. */
#include "thread_state.h"

#define THREADS 65536

BPF_TABLE("lru_hash", u32, u64, runnable_since, THREADS);

static __always_inline int runnable(u32 tid)
{
    u64 now = bpf_ktime_get_ns();
    if (tid)
        runnable_since.update(&tid, &now);
    return 0;
}

RAW_TRACEPOINT_PROBE(sched_wakeup)
{
    return runnable(tid_of(ctx->args[0]));
}

RAW_TRACEPOINT_PROBE(sched_wakeup_new)
{
    return runnable(tid_of(ctx->args[0]));
}

static __always_inline bool wanted_next(const struct probe_filter *filter, const struct thread *next)
{
    const u64 *comm = (const u64 *)next->comm;
    if (!filter || next->tgid == filter->own_tgid || (filter->pid && next->tgid != filter->pid))
        return false;
    return !filter->comm[0] || (comm[0] == filter->comm[0] && comm[1] == filter->comm[1]);
}

RAW_TRACEPOINT_PROBE(sched_switch)
{
    u64 now = bpf_ktime_get_ns(), left = ctx->args[1], state = state_told(ctx->args[0], ctx->args[3]);
    u32 leaves = tid_of(left), zero = 0;
    if (leaves && (state == 0 || state & STATE_PREEMPTED))
        runnable_since.update(&leaves, &now);
    struct thread next = {};
    read_thread(ctx->args[2], &next);
    u64 *since = runnable_since.lookup(&next.tid);
    if (!next.tid || !since)
        return 0;
    struct exemplar example = {.time_ns = now, .tgid = next.tgid, .tid = next.tid};
    example.value = now > *since ? now - *since : 0;
    example.key.first = bpf_get_smp_processor_id();
    __builtin_memcpy(example.comm, next.comm, sizeof(example.comm));
    runnable_since.delete(&next.tid);
    if (wanted_next(filters.lookup(&zero), &next))
        observe(&example);
    return 0;
}
