/* Off-CPU time: a wait's stack is taken when its thread leaves the CPU, its time is known when the thread is back. */
#include "switch.h"
#include "waits.h"

#define US 1000ULL

static __always_inline void stack_taken(struct scratch *scratch)
{
    keep_stack(scratch);
}

static __always_inline void wait_over(u32 tid, struct wait *wait, u64 now, u64 ran, const struct sample_config *wanted,
                                      bool closing)
{
    u64 length = recorded_time(wait->since_ns, now - ran, wanted);
    if (length >= LEAST_US * US && length <= MOST_US * US)
        add_time(wait->stack, wait->state, wait->waker, length, wanted);
    waits.delete(&tid);
}

RAW_TRACEPOINT_PROBE(sched_switch)
{
    switch_waits(ctx, SWITCH_LEAVES, SWITCH_COMES, SWITCH_PREEMPTS, SWITCH_STATE);
    return 0;
}

#if WAKERS
RAW_TRACEPOINT_PROBE(sched_waking)
{
    const struct sample_config *wanted = following_config();
    if (wanted)
        wake(ctx, ARGUMENT(sched_waking, 0), wanted, true);
    return 0;
}
#endif
