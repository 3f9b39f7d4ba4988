/* From the moment a thread leaves a CPU until it runs again, by the state that it left in. */
#include "switch.h"
#include "thread_state.h"

#define THREADS 65536

struct away {
    u64 since;
    u64 state;
    u32 tgid;
};
BPF_HASH(aways, u32, struct away, THREADS);

static __always_inline void goes(u32 tid, u64 state, u64 now)
{
    if (!tid || !wanted())
        return;
    if (aways.lookup(&tid)) /* it has been back */
        histogram_count_lost(LOST_NO_EVENT);
    struct away away = {.since = now, .state = state, .tgid = bpf_get_current_pid_tgid() >> 32};
    if (state & STATE_DEAD)
        aways.delete(&tid);
    else if (aways.update(&tid, &away))
        histogram_count_lost(LOST_NO_START);
}

RAW_TRACEPOINT_PROBE(sched_switch)
{
    u64 now = bpf_ktime_get_ns(), state = state_told(SWITCH_PREEMPTS, SWITCH_STATE);
    goes(tid_of(SWITCH_LEAVES), state, now);
    struct thread next = {};
    read_thread(SWITCH_COMES, &next);
    struct away *away = aways.lookup(&next.tid);
    if (!next.tid || !away)
        return 0;
    struct exemplar example = {.time_ns = now, .value = now - away->since, .tgid = away->tgid, .tid = next.tid};
    example.key.first = away->state;
    __builtin_memcpy(example.comm, next.comm, sizeof(example.comm));
    aways.delete(&next.tid);
    observe_coming(&example);
    return 0;
}
