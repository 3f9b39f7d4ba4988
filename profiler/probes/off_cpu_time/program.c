/* From the moment a thread leaves a CPU until it runs again, by the state that it left in. */
#include "thread_state.h"

#define THREADS 65536

struct away {
    u64 since;
    u64 state;
    u32 tgid;
};
BPF_HASH(aways, u32, struct away, THREADS);

TRACEPOINT_PROBE(sched, sched_switch)
{
    u64 now = bpf_ktime_get_ns();
    u32 left = args->prev_pid, comes = args->next_pid;
    if (left && !(args->prev_state & STATE_DEAD) && wanted()) {
        struct away away = {.since = now, .state = args->prev_state, .tgid = bpf_get_current_pid_tgid() >> 32};
        if (aways.update(&left, &away))
            histogram_count_lost(LOST_NO_START);
    }
    struct away *away = aways.lookup(&comes);
    if (!comes || !away)
        return 0;
    struct exemplar example = {.time_ns = now, .value = now - away->since, .tgid = away->tgid, .tid = comes};
    example.key.first = away->state;
    bpf_probe_read_kernel(example.comm, sizeof(example.comm), args->next_comm);
    aways.delete(&comes);
    observe(&example);
    return 0;
}
