/* From the moment a thread can run (woken, started or put aside) until it runs, by the CPU that it then runs on. */
#include "switch.h"
#include "thread_state.h"

#define THREADS 65536

#define NOT_YET 0 /* it waits for something */

/* Of threads that have left their CPU: since when they can run. Of one that is back there is no entry. */
BPF_TABLE("lru_hash", u32, u64, runnable_since, THREADS);

/* A thread may be woken before it has gone to sleep, when it runs, and twice, when it waits for a CPU already. */
static __always_inline int woken(u64 task)
{
    u64 now = bpf_ktime_get_ns();
    u32 tid = tid_of(task), runs = 0;
    READ_KERNEL(runs, task, OFF_TASK_STRUCT_ON_CPU);
    u64 *since = runnable_since.lookup(&tid);
    if (since && *since == NOT_YET)
        *since = now;
    else if (!since && tid && !runs)
        runnable_since.update(&tid, &now);
    return 0;
}

RAW_TRACEPOINT_PROBE(sched_wakeup)
{
    return woken(ARGUMENT(sched_wakeup, 0));
}

RAW_TRACEPOINT_PROBE(sched_wakeup_new)
{
    return woken(ARGUMENT(sched_wakeup_new, 0));
}

static __always_inline bool wanted_next(const struct probe_filter *filter, const struct thread *next)
{
    const u64 *comm = (const u64 *)next->comm;
    if (!filter || next->tgid == filter->own_tgid || (filter->pid && next->tgid != filter->pid))
        return false;
    return !filter->comm[0] || (comm[0] == filter->comm[0] && comm[1] == filter->comm[1]);
}

static __always_inline void goes(u32 tid, u64 state, u64 since)
{
    if (runnable_since.lookup(&tid) && wanted()) /* it has come */
        histogram_count_lost(LOST_NO_EVENT);
    if (state & STATE_DEAD)
        runnable_since.delete(&tid);
    else if (tid)
        runnable_since.update(&tid, &since);
}

RAW_TRACEPOINT_PROBE(sched_switch)
{
    u64 now = bpf_ktime_get_ns(), state = state_told(SWITCH_PREEMPTS, SWITCH_STATE);
    u32 zero = 0;
    goes(tid_of(SWITCH_LEAVES), state, state == 0 || state & STATE_PREEMPTED ? now : NOT_YET);
    struct thread next = {};
    read_thread(SWITCH_COMES, &next);
    u64 *entry = runnable_since.lookup(&next.tid);
    if (!next.tid || !entry)
        return 0;
    u64 since = *entry;
    runnable_since.delete(&next.tid);
    if (!wanted_next(filters.lookup(&zero), &next))
        return 0;
    if (since == NOT_YET) { /* it was woken */
        histogram_count_lost(LOST_NO_EVENT);
        return 0;
    }
    struct exemplar example = {.time_ns = now, .tgid = next.tgid, .tid = next.tid};
    example.value = now > since ? now - since : 0;
    example.key.first = bpf_get_smp_processor_id();
    __builtin_memcpy(example.comm, next.comm, sizeof(example.comm));
    observe_coming(&example);
    return 0;
}
