/* How long a thread runs until it leaves the CPU, by the reason that it leaves. */
#include "switch.h"
#include "thread_state.h"

struct turn {
    u64 since;
    u64 tid;
};
/* One thread runs on a CPU at a time. */
BPF_PERCPU_ARRAY(turns, struct turn, 1);

RAW_TRACEPOINT_PROBE(sched_switch)
{
    u64 now = bpf_ktime_get_ns(), left = SWITCH_LEAVES, state = state_told(SWITCH_PREEMPTS, SWITCH_STATE);
    u32 zero = 0, leaves = tid_of(left);
    struct turn *turn = turns.lookup(&zero);
    if (!turn)
        return 0;
    u64 since = turn->since, tid = turn->tid;
    turn->since = now;
    turn->tid = tid_of(SWITCH_COMES);
    if (!leaves || !since || !wanted())
        return 0;
    if (tid == leaves)
        return observe_here(ctx, state == 0 || state & STATE_PREEMPTED, 0, now - since, now);
    histogram_count_lost(LOST_NO_EVENT);
    return 0;
}
