/* How long a thread runs until it leaves the CPU, by the reason that it leaves. */
#include "thread_state.h"

struct turn {
    u64 since;
    u64 tid;
};
/* One thread runs on a CPU at a time. */
BPF_PERCPU_ARRAY(turns, struct turn, 1);

TRACEPOINT_PROBE(sched, sched_switch)
{
    u64 now = bpf_ktime_get_ns();
    u32 zero = 0;
    struct turn *turn = turns.lookup(&zero);
    if (!turn)
        return 0;
    if (args->prev_pid && turn->tid == args->prev_pid && wanted()) {
        bool preempted = args->prev_state == 0 || args->prev_state & STATE_PREEMPTED;
        observe_current(preempted, 0, now - turn->since, now);
    }
    turn->since = now;
    turn->tid = args->next_pid;
    return 0;
}
