/* From the moment a thread can run (woken, started or put aside) until it runs, by the CPU that it then runs on. */
#include "thread_state.h"

#define THREADS 65536

/* Which process a thread is of: a switch only tells the thread that comes next. */
BPF_TABLE("lru_hash", u32, u32, processes, THREADS);
BPF_TABLE("lru_hash", u32, u64, runnable_since, THREADS);

static __always_inline int runnable(u32 tid)
{
    u64 now = bpf_ktime_get_ns();
    if (tid)
        runnable_since.update(&tid, &now);
    return 0;
}

TRACEPOINT_PROBE(sched, sched_wakeup)
{
    return runnable(args->pid);
}

TRACEPOINT_PROBE(sched, sched_wakeup_new)
{
    return runnable(args->pid);
}

static __always_inline void left_the_cpu(u32 tid, s64 state, u64 now)
{
    u32 tgid = bpf_get_current_pid_tgid() >> 32;
    u32 *known = processes.lookup(&tid);
    if (!known || *known != tgid)
        processes.update(&tid, &tgid);
    if (state == 0 || state & STATE_PREEMPTED)
        runnable_since.update(&tid, &now);
}

static __always_inline bool wanted_next(const struct probe_filter *filter, u32 tgid, const u64 *comm)
{
    if (!filter || tgid == filter->own_tgid || (filter->pid && tgid != filter->pid))
        return false;
    return !filter->comm[0] || (comm[0] == filter->comm[0] && comm[1] == filter->comm[1]);
}

TRACEPOINT_PROBE(sched, sched_switch)
{
    u64 now = bpf_ktime_get_ns();
    if (args->prev_pid)
        left_the_cpu(args->prev_pid, args->prev_state, now);
    u32 tid = args->next_pid, zero = 0;
    u64 *since = runnable_since.lookup(&tid);
    if (!tid || !since)
        return 0;
    u32 *tgid = processes.lookup(&tid);
    struct exemplar example = {.time_ns = now, .tgid = tgid ? *tgid : 0, .tid = tid};
    example.value = now > *since ? now - *since : 0;
    example.key.first = bpf_get_smp_processor_id();
    bpf_probe_read_kernel(example.comm, sizeof(example.comm), args->next_comm);
    runnable_since.delete(&tid);
    if (wanted_next(filters.lookup(&zero), example.tgid, (const u64 *)example.comm))
        observe(&example);
    return 0;
}
